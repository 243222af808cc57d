using System.Globalization;

namespace Benchmarks.EndToEnd;

/// <summary>What the parts share: the server, the figures so far, and a way to say what happens.</summary>
sealed class Bench(BenchOptions options, BenchWarehouse warehouse, CancellationToken cancellation)
{
    readonly List<Goal> goals = [];

    public BenchOptions Options => options;
    public BenchWarehouse Warehouse => warehouse;
    public CancellationToken Cancellation => cancellation;
    public IReadOnlyList<Goal> Goals => goals;

    public void Say(string what) => Console.Error.WriteLine(what);

    public void Add(Goal goal) => goals.Add(goal);

    public async Task<SyncMeasure> SyncAsync(string pipeline, string mongo, string connection)
    {
        await warehouse.SettleAsync();
        return await SyncMeasure.RunAsync(pipeline, mongo, connection, cancellation);
    }

    /// <param name="source">Where the source is: environment variables.</param>
    public async Task<SyncMeasure> SyncAsync(IReadOnlyList<string> pipeline, IReadOnlyDictionary<string, string> source, string connection)
    {
        await warehouse.SettleAsync();
        return await SyncMeasure.RunAsync(pipeline, source, connection, cancellation);
    }

    /// <summary>The same by documents read: of events, not each makes a row.</summary>
    public SyncMeasure TellRead(string what, SyncMeasure measure)
    {
        Say(string.Create(CultureInfo.InvariantCulture, $"  {what,-28}{measure.Documents,12:N0} read {measure.LoadSeconds,8:N2} s {measure.DocumentRate,10:N0} /s       whole process {measure.ProcessSeconds,7:N2} s   CPU {measure.CpuSeconds,6:N2} s   peak {measure.PeakBytes / 1e6:N0} MB"));
        return measure;
    }

    public SyncMeasure Tell(string what, SyncMeasure measure)
    {
        Line(what, measure.Rows, measure.LoadSeconds, measure.ProcessSeconds, string.Create(CultureInfo.InvariantCulture, $"CPU {measure.CpuSeconds,6:N2} s   peak {measure.PeakBytes / 1e6:N0} MB{(measure.MartSeconds > 0 ? $"   marts besides {measure.MartSeconds:N2} s" : null)}"));
        return measure;
    }

    public CopyMeasure Tell(string what, CopyMeasure measure)
    {
        Line(what, measure.Rows, measure.Seconds, measure.ProcessSeconds, "");
        return measure;
    }

    public void Line(string what, long rows, double seconds, double processSeconds, string more) => Say(string.Create(CultureInfo.InvariantCulture,
        $"  {what,-28}{rows,12:N0} rows {seconds,8:N2} s {rows / seconds,10:N0} rows/s   whole process {processSeconds,7:N2} s   {more}").TrimEnd());
}
