using System.Collections.Concurrent;
using Spectre.Console;

namespace Quality.Commands.Progress;

/// <summary>A bar for everything that is read, with what was read, rate and time left, redrawn in place.</summary>
internal sealed class ProgressBars : ProgressView
{
    readonly ProgressContext context;
    readonly ConcurrentDictionary<int, Pace> drawn;
    readonly Dictionary<string, ProgressTask> tasks = [];
    readonly int longestName;

    /// <summary>Columns that the bar and the figures take.</summary>
    const int FiguresWidth = 86, ShortestName = 16, LongestName = 60;

    ProgressBars(ProgressContext context, ConcurrentDictionary<int, Pace> drawn, int width, TimeProvider time) : base(time) =>
        (this.context, this.drawn, longestName) = (context, drawn, Math.Clamp(width - FiguresWidth, ShortestName, LongestName));

    public static Task<T> RunAsync<T>(IAnsiConsole console, TimeProvider time, Func<ProgressView, Task<T>> work)
    {
        var drawn = new ConcurrentDictionary<int, Pace>();
        PaceColumn Figure(Func<Pace, string> text) => new(drawn, text);
        return console.Progress().AutoClear(false).HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, Figure(PaceText.Count), Figure(PaceText.Rate), Figure(PaceText.Left))
            .StartAsync(async context =>
            {
                var bars = new ProgressBars(context, drawn, console.Profile.Width, time);
                var result = await work(bars);
                bars.Finish();
                return result;
            });
    }

    protected override void Show(string name, Pace pace)
    {
        if (!tasks.TryGetValue(name, out var task))
            tasks.Add(name, task = context.AddTask(Markup.Escape(Short(name))));
        drawn[task.Id] = pace;
        task.IsIndeterminate = pace.Expected is null;
        if (pace.Expected is { } all)
            task.MaxValue(Math.Max(1, all)).Value(pace.Count);
    }

    /// <summary>Where there is not enough room, the end of a name tells more than its beginning.</summary>
    string Short(string name) => name.Length <= longestName ? name : "…" + name[^(longestName - 1)..];

    /// <summary>An estimate may have been too high: what is done is drawn as done.</summary>
    void Finish()
    {
        foreach (var task in tasks.Values)
        {
            task.IsIndeterminate = false;
            task.Value(task.MaxValue);
            task.StopTask();
        }
    }
}
