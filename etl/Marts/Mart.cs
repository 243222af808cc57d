using Etl.Contracts;

namespace Etl.Marts;

/// <summary>A table or view made of loaded tables by one SELECT, kept in a file of the pipeline's folder.</summary>
public sealed class Mart
{
    public required string Schema { get; init; }
    public required string Name { get; init; }

    /// <summary>A view is made once and always shows what the tables hold; a table is filled anew after each load.</summary>
    public required bool IsView { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The columns that tell a table's rows apart; empty for a view.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>What columns mean, by their names; not every column need be told of.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<MartCheck> Checks { get; init; } = [];

    /// <summary>The SELECT, without a semicolon at its end.</summary>
    public required SqlText Select { get; init; }

    /// <summary>Set once by the reader: the marts that its SELECT reads.</summary>
    public IReadOnlyList<Mart> Reads { get; internal set; } = [];

    /// <summary>Set once by the reader: loaded tables without which it cannot be made or checked.</summary>
    public IReadOnlyList<Table> Needs { get; internal set; } = [];

    /// <summary>
    /// Set once by the reader: whether it may show personal values, because its SELECT, or one that it reads, names a column that the contract
    /// classifies so, or takes all columns (<c>*</c>). Then its values stand in no message.
    /// </summary>
    public bool MayBePersonal { get; internal set; }

    public string Kind => IsView ? "view" : "table";

    public string QualifiedName => $"{Schema}.{Name}";

    /// <summary>Schema and name, quoted for SQL.</summary>
    public string Sql => $"{Identifier.Quote(Schema)}.{Identifier.Quote(Name)}";

    /// <summary>Whether its SELECT reads another one, itself or by way of others.</summary>
    public bool DependsOn(Mart other) => Reads.Any(r => r == other || r.DependsOn(other));

    public override string ToString() => QualifiedName;
}
