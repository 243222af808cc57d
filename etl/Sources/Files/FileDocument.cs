using System.Text;
using Etl.Documents;

namespace Etl.Sources.Files;

/// <summary>Makes documents of JSON text, each behind its position.</summary>
internal sealed class FileDocument
{
    /// <summary>The longest text of a document, and the longest document.</summary>
    public const int MaxBytes = Bson.MaxDocumentSize;

    public const string JsonType = "application/json";

    readonly BsonWriter parsed = new(), positioned = new();

    /// <summary>The last document made; valid until the next.</summary>
    public ReadOnlySpan<byte> Document => positioned.Written;

    /// <returns>What is wrong with the text; null: nothing.</returns>
    public string? Read(ReadOnlySpan<byte> json, string position)
    {
        if (json.IsEmpty)
            return "The file is empty.";
        try
        {
            ExtendedJson.Parse(json, parsed, ExtendedJsonOptions.PlainJson);
        }
        catch (ExtendedJsonException e)
        {
            return e.Message.Replace("Extended JSON", "JSON", StringComparison.Ordinal);
        }
        positioned.Reset();
        positioned.BeginDocument().Write("_id", position);
        var reader = new BsonReader(parsed.Written);
        while (reader.Read())
            if (reader.NameUtf8.SequenceEqual("_id"u8))
                positioned.WriteRaw(reader.Type, "_source_id", reader.Value);
            else
                positioned.WriteElement(reader);
        positioned.End();
        return positioned.Written.Length <= MaxBytes ? null : $"The document has {positioned.Written.Length} bytes in BSON; {MaxBytes} are allowed.";
    }

    /// <summary>{ _id: … } as <see cref="DocumentBatch.Position"/>.</summary>
    public static byte[] Position(string position) => Bson.Make(w => w.Write("_id", position));
}
