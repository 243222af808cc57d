using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quality.Commands.Progress;

/// <summary>One figure of a pace, beside its bar.</summary>
/// <param name="paces">By the number of the bar's task; read by the thread that draws.</param>
internal sealed class PaceColumn(ConcurrentDictionary<int, Pace> paces, Func<Pace, string> text) : ProgressColumn
{
    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(paces.TryGetValue(task.Id, out var pace) ? text(pace) : "").RightJustified();
}
