using Etl;

namespace Quality.Initialisation;

/// <summary>Which database and collections are meant.</summary>
internal static class CollectionNames
{
    /// <param name="given">As database.collection, or as a collection's name where the URI names the database.</param>
    /// <param name="ofUri">The database that the URI names.</param>
    /// <exception cref="UsageException">No database, or several.</exception>
    public static (string Database, IReadOnlyList<string> Collections) Of(IReadOnlyList<string> given, string? ofUri)
    {
        var names = given.Select(text => Split(text, ofUri)).ToArray();
        if (names.Select(n => n.Database).Distinct().ToArray() is [_, _, ..] databases)
            throw new UsageException($"A pipeline reads one database, not {string.Join(" and ", databases)}. Run 'quality init' once for each.");
        if (names.GroupBy(n => n.Collection).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UsageException($"--collection '{twice.Key}' is given twice.");
        return (names[0].Database, [.. names.Select(n => n.Collection)]);
    }

    static (string Database, string Collection) Split(string text, string? ofUri)
    {
        // A collection's name may hold dots, a database's never does.
        if (ofUri is not null)
            return (ofUri, text.StartsWith(ofUri + ".", StringComparison.Ordinal) && text.Length > ofUri.Length + 1 ? text[(ofUri.Length + 1)..] : text);
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < text.Length - 1 ? (text[..dot], text[(dot + 1)..])
            : throw new UsageException($"--collection '{text}' names no database. Write database.collection, or name the database in the URI: mongodb://host/DATABASE.");
    }
}
