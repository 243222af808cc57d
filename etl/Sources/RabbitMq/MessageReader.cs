using Etl.Documents;
using Etl.Flattening;

namespace Etl.Sources.RabbitMq;

/// <summary>A message's body as a document: a JSON object, with the hash of the body in front as its <c>_id</c>. The same message is the same document, whenever and how often it comes.</summary>
internal sealed class MessageReader
{
    public const string MediaType = "application/json";

    readonly BsonWriter writer = new(4096), plain = new(4096);

    /// <summary>The document of the last body that was one.</summary>
    public ReadOnlySpan<byte> Document => writer.Written;

    /// <returns>What is wrong with the body, in one line; null: nothing.</returns>
    public string? Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > Bson.MaxDocumentSize)
            return $"A message of {body.Length:N0} bytes; documents have {Bson.MaxDocumentSize:N0} at most.";
        try
        {
            ExtendedJson.Parse(body, plain, ExtendedJsonOptions.PlainJson);
        }
        catch (ExtendedJsonException e)
        {
            return e.Message;
        }
        writer.Reset();
        Begin(writer, body);
        for (var reader = new BsonReader(plain.Written); reader.Read();)
            if (reader.NameUtf8.SequenceEqual("_id"u8))
                writer.WriteRaw(reader.Type, "_source_id", reader.Value);
            else
                writer.WriteElement(reader);
        writer.End();
        return writer.Written.Length <= Bson.MaxDocumentSize ? null
            : $"A document of {writer.Written.Length:N0} bytes; {Bson.MaxDocumentSize:N0} is the most.";
    }

    public static byte[] PositionOf(ReadOnlySpan<byte> body)
    {
        var writer = new BsonWriter(64);
        Begin(writer, body);
        return writer.End().ToArray();
    }

    static void Begin(BsonWriter writer, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[Hash128.Size];
        Hash128.Of(body).CopyTo(hash);
        writer.BeginDocument().WriteBinary("_id", hash);
    }
}
