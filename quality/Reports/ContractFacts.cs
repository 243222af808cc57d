namespace Quality.Reports;

/// <summary>What the contract of a run says.</summary>
/// <param name="Missing">Why there is none to show, a sentence; null where there is one.</param>
/// <param name="Rules">Everything that it demands of documents.</param>
/// <param name="Tables">The dictionary of the tables that follow from it.</param>
public sealed record ContractFacts(
    string? Version, string? Hash, string? Missing, IReadOnlyList<ContractRule> Rules, IReadOnlyList<DictionaryTable> Tables)
{
    /// <summary>What every document must do without any contract's saying so, by the rule's name; each completes "must …".</summary>
    public IReadOnlyDictionary<string, string> Implied { get; init; } = new Dictionary<string, string>();

    /// <summary>Where not all of them are kept here: how many there are.</summary>
    public int? TablesInAll { get; init; }

    /// <inheritdoc cref="TablesInAll"/>
    public int? ColumnsInAll { get; init; }

    public static readonly ContractFacts None = Absent("No run of this pipeline is in the journal, so no contract is known.");

    public static ContractFacts Absent(string why, string? version = null, string? hash = null) => new(version, hash, why, [], []);
}
