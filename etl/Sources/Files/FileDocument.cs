using System.Text;
using Etl.Documents;

namespace Etl.Sources.Files;

/// <summary>Makes documents of JSON text, each behind its position.</summary>
internal sealed class FileDocument
{
    /// <summary>The longest text of a document, and the longest document.</summary>
    public const int MaxBytes = Bson.MaxDocumentSize;

    public const string JsonType = "application/json";

    readonly BsonWriter writer = new();

    /// <summary>The last document made; valid until the next.</summary>
    public ReadOnlySpan<byte> Document => writer.Written;

    /// <param name="json">May begin with a byte order mark.</param>
    /// <returns>What is wrong with the text; null: nothing.</returns>
    public string? Read(ReadOnlySpan<byte> json, string position)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        if (json.IsEmpty)
            return "The file is empty.";
        try
        {
            PlainJson.Write(json, Position(position), writer);
            return null;
        }
        catch (ExtendedJsonException e)
        {
            return e.Message.Replace("Extended JSON", "JSON", StringComparison.Ordinal);
        }
    }

    /// <summary>{ _id: … } as <see cref="DocumentBatch.Position"/>.</summary>
    public static byte[] Position(string position) => Bson.Make(w => w.Write("_id", position));
}
