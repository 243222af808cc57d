namespace Quality.Reports;

/// <summary>A table or view made of the loaded tables, as it was made last.</summary>
/// <param name="Mart">With its schema.</param>
/// <param name="Kind"><c>table</c> or <c>view</c>.</param>
/// <param name="Rows">Then; of a view, as it showed them.</param>
/// <param name="Inserted">Rows new or changed in that making; changed ones are removed and inserted.</param>
/// <param name="Run">The run that made it last.</param>
public sealed record MartFacts(string Mart, string Kind, string Description, string File, long Rows, long Inserted, long Removed, long Milliseconds, long Run, DateTimeOffset Built, IReadOnlyList<MartColumnFacts> Columns);
