namespace Quality.Reconciliation;

/// <summary>A range of one dataset's keys, by the numbers of the keys that it begins with and ends before; null: without end.</summary>
internal readonly record struct SampleSegment(SampledDataset Dataset, int? From, int? To);
