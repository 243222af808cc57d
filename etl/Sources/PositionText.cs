using Etl.Documents;

namespace Etl.Sources;

/// <summary>A position as text: its first value in canonical Extended JSON, as quarantine entries are keyed.</summary>
public static class PositionText
{
    /// <param name="position">A BSON document, as <see cref="DocumentBatch.Position"/>.</param>
    public static string Of(ReadOnlySpan<byte> position)
    {
        var reader = new BsonReader(position);
        return reader.Read() ? ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false) : "";
    }
}
