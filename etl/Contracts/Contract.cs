namespace Etl.Contracts;

/// <summary>The one description of a pipeline's data: columns, checks, hashes and documentation are derived from it.</summary>
public sealed class Contract
{
    public required string Pipeline { get; init; }
    public required string Version { get; init; }

    /// <summary>What was opened: a path, or the name of a shipped pipeline. A command that is suggested names it so.</summary>
    public required string OpenedAs { get; set; }

    /// <summary>Schema of the warehouse that holds the tables.</summary>
    public required string WarehouseSchema { get; init; }

    /// <summary>The kind of source: <c>mongodb</c>.</summary>
    public required string SourceKind { get; init; }

    /// <summary>The database to read when the URI names none.</summary>
    public string? Database { get; init; }

    public required IReadOnlyList<Dataset> Datasets { get; init; }

    /// <summary>SHA-256 of the file, in hex: another hash, another contract.</summary>
    public required string Hash { get; init; }

    /// <summary>The folder of contract.yaml.</summary>
    public required string Folder { get; init; }

    public IEnumerable<Table> Tables => Datasets.SelectMany(d => d.Tables);
}
