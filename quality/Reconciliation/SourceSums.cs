using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>
/// What was summed of the source, by table. A table's rows are summed by ranges of its documents' keys; those of a dimension, which has no document,
/// by its own key's hash.
/// </summary>
/// <param name="Shared">The keys of dimensions' rows, and their hashes.</param>
/// <param name="Documents">The root table's.</param>
internal sealed record SourceSums(KeyRanges Ranges, RangeSums[] ByRange, SegmentSums[] Segments, Dictionary<Hash128, Hash128>[] Shared, RangeSums Documents);
