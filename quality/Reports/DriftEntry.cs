namespace Quality.Reports;

/// <param name="Kind"><c>unknown field</c> or <c>new type</c>.</param>
/// <param name="Type">Alias of the BSON type that was met.</param>
/// <param name="Documents">That had it, in the run.</param>
/// <param name="Read">Documents of the dataset read in the run.</param>
/// <param name="FirstKey">Key of the first document that had it, masked if personal.</param>
public sealed record DriftEntry(string Dataset, string Path, string Kind, string Type, long Documents, long Read, string? FirstKey);
