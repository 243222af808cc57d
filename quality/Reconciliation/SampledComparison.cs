using System.Data;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Compares segments drawn at random without replacement, until a budget is spent: one of each dataset in any case, then of all of them together.</summary>
internal sealed class SampledComparison(string pipeline, NpgsqlConnection connection, ReconcileOptions options, TimeProvider time, Action<Difference>? tell)
{
    readonly List<SampledDataset> datasets = [];

    /// <summary>All there are, and those that were read.</summary>
    public int Segments => datasets.Sum(d => d.Segments);

    /// <inheritdoc cref="Segments"/>
    public int Read => datasets.Sum(d => d.Read);

    /// <param name="chosen">Datasets in the order of their keys, their sources, and results for the tables, with a reason where one cannot be compared.</param>
    public async Task CompareAsync(IReadOnlyList<(Dataset Dataset, IDocumentSource Source, IReadOnlyList<TableResult> Results)> chosen, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        bool settles = options.Settle > TimeSpan.Zero;
        // One picture of all tables, whoever writes meanwhile.
        await using (await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation))
        {
            foreach (var (i, (dataset, source, results)) in chosen.Index())
                datasets.Add(await SampledDataset.OpenAsync(pipeline, dataset, i, source, connection, options, new Tally(results, settles, tell), cancellation));
            var segments = Draw();
            var say = options.Tell("segments", "segments", segments.Length);
            long rows = 0;
            foreach (var (i, segment) in segments.Index())
            {
                if (i >= datasets.Count && options.Budget!.IsSpent(time.GetElapsedTime(began), rows))
                    break;
                rows += await segment.Dataset.ReadAsync(segment, cancellation);
                say?.Invoke(i + 1);
            }
            foreach (var dataset in datasets)
                await dataset.CompareSharedAsync(cancellation);
        }
        foreach (var dataset in datasets)
        {
            await SettleAsync(dataset, cancellation);
            dataset.Judge();
        }
    }

    SampleSegment[] Draw()
    {
        var random = new Random((int)(options.Seed ?? 1));
        var (first, others) = (new List<SampleSegment>(), new List<SampleSegment>());
        foreach (var dataset in datasets)
        {
            SampleSegment[] all = [.. dataset.All()];
            random.Shuffle(all);
            first.Add(all[0]);
            others.AddRange(all[1..]);
        }
        var rest = others.ToArray();
        random.Shuffle(rest);
        return [.. first, .. rest];
    }

    /// <summary>Of all segments together. The first of each dataset were not drawn from all: they are known, and say nothing of the others.</summary>
    public double Bound => SampleBound.Of(Segments - datasets.Count, Read - datasets.Count) * (Segments - datasets.Count) / Segments;

    async Task SettleAsync(SampledDataset dataset, CancellationToken cancellation)
    {
        var found = time.GetUtcNow();
        var suspects = Suspect.Of(dataset.Tally.Held);
        var byDocument = suspects.Where(s => s.First.All(SecondLook.CanFind)).ToArray();
        var look = new SecondLook(pipeline, dataset.Dataset, dataset.Source, connection, selection: null);
        await new Settlement(options.Settle, time).RunAsync(byDocument, open => look.LookAsync(open, cancellation), cancellation);
        dataset.Tally.Settle(byDocument, found, time.GetUtcNow());
        foreach (var difference in suspects.Except(byDocument).SelectMany(s => s.First))
            dataset.Tally.Count(difference, lookedAt: false); // only all documents can tell more
    }
}
