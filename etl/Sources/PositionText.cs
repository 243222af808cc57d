using Etl.Documents;
using Etl.Flattening;

namespace Etl.Sources;

/// <summary>A position as text: its first value in canonical Extended JSON, as quarantine entries are keyed.</summary>
public static class PositionText
{
    /// <summary>What an index entry of PostgreSQL surely holds; MongoDB's ids may be as large as documents.</summary>
    const int MaxLength = 500, Kept = 200;

    /// <param name="position">A BSON document, as <see cref="DocumentBatch.Position"/>.</param>
    /// <returns>Long ones are cut, and told apart by the hash of the whole.</returns>
    public static string Of(ReadOnlySpan<byte> position)
    {
        var reader = new BsonReader(position);
        if (!reader.Read())
            return "";
        string text = ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false);
        if (text.Length <= MaxLength)
            return text;
        int kept = char.IsHighSurrogate(text[Kept - 1]) ? Kept - 1 : Kept;
        return $"{text[..kept]}… {Hash128.Of(position)}";
    }
}
