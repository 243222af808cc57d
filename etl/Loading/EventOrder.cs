using Etl.Contracts;

namespace Etl.Loading;

/// <summary>Numbers the documents of one reading of a dataset that is not in the order of its keys: gives each its version.</summary>
/// <param name="fetch">Which reading it is; a later one wins within a partition.</param>
/// <param name="isTransient">Documents come once, in the order of delivery, and stand nowhere.</param>
public sealed class EventOrder(Dataset dataset, uint fetch, bool isTransient)
{
    uint index;

    /// <summary>Whether the dataset is one partition: its tables follow its source whole, or what is delivered later is later.</summary>
    bool IsOne => !dataset.LoadsEvents || isTransient;

    /// <summary>The partition of what stands there; null: it is merged batch by batch.</summary>
    public ulong? WholeOf(in EventPosition position) => !dataset.LoadsEvents ? 0 : !isTransient && position.Day ? position.Partition : null;

    /// <summary>The version of the next document.</summary>
    public RowVersion Next(in EventPosition position)
    {
        index++;
        return new RowVersion(IsOne ? 0 : position.Partition, (ulong)fetch << 32 | (IsOne || !position.Day ? IsOne ? index : 0 : position.Index ?? index));
    }
}
