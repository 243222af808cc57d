using Etl.Contracts;

namespace Etl.Marts;

/// <summary>A column as PostgreSQL describes it.</summary>
/// <param name="Collation">Quoted for SQL; null: the type's own.</param>
internal sealed record MartColumn(string Name, string Type, string? Collation)
{
    public string Sql => $"{Identifier.Quote(Name)} {Type}{(Collation is null ? "" : $" COLLATE {Collation}")}";
}
