namespace Etl.Marts;

/// <summary>A question about a mart that must be answered by 0.</summary>
public sealed record MartCheck(string Name, SqlText Sql);
