namespace Quality.Reports;

/// <summary>The books of one sync.</summary>
/// <param name="Datasets">In documents.</param>
/// <param name="Tables">In rows.</param>
public sealed record SyncBooks(RunFacts Run, IReadOnlyList<DatasetBooks> Datasets, IReadOnlyList<TableBooks> Tables);
