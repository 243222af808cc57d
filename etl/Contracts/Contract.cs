using Etl.Marts;

namespace Etl.Contracts;

/// <summary>The one description of a pipeline's data: columns, checks, hashes and documentation are derived from it.</summary>
public sealed class Contract
{
    public required string Pipeline { get; init; }
    public required string Version { get; init; }

    /// <summary>Schema of the warehouse that holds the tables.</summary>
    public required string WarehouseSchema { get; init; }

    /// <summary>Where its datasets are read from; the first is the one of datasets that name none.</summary>
    public required IReadOnlyList<Server> Servers { get; init; }

    /// <summary>The kind of the first source: <c>mongodb</c>, <c>http</c> …</summary>
    public string SourceKind => Servers[0].Kind;

    /// <summary>The MongoDB database to read when the URI names none.</summary>
    public string? Database => Servers.Select(s => s.Settings.GetValueOrDefault("database")).FirstOrDefault(d => d is not null);

    public required IReadOnlyList<Dataset> Datasets { get; init; }

    /// <summary>When it is to be run, as a cron expression in UTC, as written; null: it does not say.</summary>
    public string? Schedule { get; init; }

    /// <summary>Somebody else fills its tables: they are judged as they are, and never written.</summary>
    public bool IsExternal { get; init; }

    /// <summary>SHA-256 of the file, in hex: another hash, another contract.</summary>
    public required string Hash { get; init; }

    /// <summary>The folder of contract.yaml.</summary>
    public required string Folder { get; init; }

    /// <summary>Set once by the reader: what is made of the tables, in the order to make it.</summary>
    public IReadOnlyList<Mart> Marts { get; internal set; } = [];

    public IEnumerable<Table> Tables => Datasets.SelectMany(d => d.AllTables);
}
