using Etl.Loading;

namespace Quality.Commands;

/// <summary>The paces of all datasets of a sync; told from several threads where several workers load.</summary>
internal sealed class SyncPace(TimeProvider time)
{
    readonly Lock gate = new();
    readonly Dictionary<string, DatasetPace> datasets = [];
    long last = time.GetTimestamp();

    /// <summary>Takes in what a batch brought, and hands the dataset's pace to one caller at a time.</summary>
    public void Advance(SyncProgress progress, Action<DatasetPace> then)
    {
        lock (gate)
        {
            // A dataset begins, as far as can be seen from here, when the batch before its first one was committed.
            if (!datasets.TryGetValue(progress.Dataset, out var pace))
                datasets.Add(progress.Dataset, pace = new DatasetPace(time, last));
            pace.Advance(progress);
            last = time.GetTimestamp();
            then(pace);
        }
    }
}
