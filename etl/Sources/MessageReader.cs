using Etl.Documents;
using Etl.Flattening;

namespace Etl.Sources;

/// <summary>
/// A message's body as a document: a JSON object, with the hash of the body in front as its <c>_id</c>. The same message is the same document, whenever and how often it
/// comes, from its queue or out of the warehouse that kept it.
/// </summary>
internal sealed class MessageReader
{
    public const string MediaType = "application/json";

    /// <summary>Length, type, "_id\0", length, subtype: then the hash.</summary>
    const int HashOffset = 4 + 1 + 4 + 4 + 1;

    readonly BsonWriter writer = new(4096);
    readonly byte[] position = PositionOf(default(Hash128));

    /// <summary>The document of the last body that was one.</summary>
    public ReadOnlySpan<byte> Document => writer.Written;

    /// <returns>What is wrong with the body, in one line; null: nothing.</returns>
    public string? Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > Bson.MaxDocumentSize)
            return $"A message of {body.Length:N0} bytes; documents have {Bson.MaxDocumentSize:N0} at most.";
        Hash128.Of(body).CopyTo(position.AsSpan(HashOffset));
        try
        {
            PlainJson.Write(body, position, writer);
            return null;
        }
        catch (ExtendedJsonException e)
        {
            return e.Message;
        }
    }

    /// <summary>The position of a message with this body.</summary>
    public static byte[] PositionOf(ReadOnlySpan<byte> body) => PositionOf(Hash128.Of(body));

    public static byte[] PositionOf(Hash128 body)
    {
        byte[] hash = new byte[Hash128.Size];
        body.CopyTo(hash);
        return Bson.Make(w => w.WriteBinary("_id", hash));
    }

    /// <summary>The hash that stands in front of a document; null: it is no message's.</summary>
    public static Hash128? HashOf(ReadOnlySpan<byte> document)
    {
        if (document.Length <= BsonReader.SmallestDocument)
            return null;
        var reader = new BsonReader(document);
        return reader.Read() && reader.Type == BsonType.Binary && reader.BinaryBytes.Length == Hash128.Size ? Hash128.Read(reader.BinaryBytes) : null;
    }
}
