using System.Collections.Concurrent;
using Etl.Loading;
using Spectre.Console;

namespace Quality.Commands;

/// <summary>A bar for each dataset, with documents, rate and time left, redrawn in place.</summary>
internal sealed class SyncBars : IProgress<SyncProgress>
{
    readonly ProgressContext context;
    readonly SyncPace paces;
    readonly ConcurrentDictionary<int, DatasetPace> drawn;
    readonly Dictionary<string, ProgressTask> tasks = [];

    SyncBars(ProgressContext context, ConcurrentDictionary<int, DatasetPace> drawn, TimeProvider time) => (this.context, this.drawn, paces) = (context, drawn, new SyncPace(time));

    public static Task<T> RunAsync<T>(IAnsiConsole console, TimeProvider time, Func<IProgress<SyncProgress>, Task<T>> work)
    {
        var drawn = new ConcurrentDictionary<int, DatasetPace>();
        PaceColumn Figure(Func<DatasetPace, string> text) => new(drawn, text);
        return console.Progress().AutoClear(false).HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, Figure(PaceText.Documents), Figure(PaceText.Rate), Figure(PaceText.Left))
            .StartAsync(async context =>
            {
                var bars = new SyncBars(context, drawn, time);
                var result = await work(bars);
                bars.Finish();
                return result;
            });
    }

    public void Report(SyncProgress value) => paces.Advance(value, pace =>
    {
        if (!tasks.TryGetValue(value.Dataset, out var task))
            tasks.Add(value.Dataset, task = context.AddTask(Markup.Escape(value.Dataset)));
        drawn[task.Id] = pace;
        task.IsIndeterminate = pace.Expected is null;
        if (pace.Expected is { } all)
            task.MaxValue(Math.Max(1, all)).Value(pace.Documents);
    });

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
