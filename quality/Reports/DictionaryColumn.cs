namespace Quality.Reports;

/// <summary>A column of the warehouse, as its contract describes it.</summary>
/// <param name="Type">PostgreSQL's.</param>
/// <param name="Path">Where the value stands in the document; null: the place in its array, from 0.</param>
/// <param name="SourceTypes">BSON types that it may come as.</param>
/// <param name="Rules">What the contract demands beyond the type.</param>
/// <param name="Personal">Masked everywhere but in the warehouse.</param>
/// <param name="NullShare">Share of rows that have none, 0 to 1, as the last comparison counted them; null: none did, or there were no rows.</param>
public sealed record DictionaryColumn(
    string Column, string Type, bool Key, string? Path, string SourceTypes, string Description, IReadOnlyList<string> Rules, bool Personal, double? NullShare);
