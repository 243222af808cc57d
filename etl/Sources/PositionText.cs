using Etl.Documents;
using Etl.Flattening;

namespace Etl.Sources;

/// <summary>A position as text: its first value in canonical Extended JSON, as quarantine entries are keyed.</summary>
public static class PositionText
{
    /// <summary>What an index entry of PostgreSQL surely holds; MongoDB's ids may be as large as documents.</summary>
    const int MaxLength = 500, Kept = 200;

    /// <param name="position">A BSON document, as <see cref="DocumentBatch.Position"/>.</param>
    /// <returns>No two positions have one text: those that are long, not UTF-8 or broken inside are told apart by the hash of the whole.</returns>
    public static string Of(ReadOnlySpan<byte> position)
    {
        try
        {
            var reader = new BsonReader(position);
            if (!reader.Read())
                return "";
            string text = ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false);
            const char notUtf8 = '\uFFFD'; // what every wrong byte shows as
            return text.Length <= MaxLength && !text.Contains(notUtf8) ? text : $"{ShownText.Clip(text, Kept)} {Hash128.Of(position)}";
        }
        catch (BsonException)
        {
            return $"unreadable {Hash128.Of(position)}";
        }
    }
}
