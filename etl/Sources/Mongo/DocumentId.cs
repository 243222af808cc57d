using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>The <c>_id</c> of a document as it came over the wire, which need not be valid BSON.</summary>
internal static class DocumentId
{
    /// <summary>The position of what has none.</summary>
    public static readonly byte[] None = Bson.Make(_ => { });

    /// <summary>Why the key cannot be read; null where it can, or where there is none. What is wrong behind it is for those to find who read the document.</summary>
    public static string? Problem(ReadOnlySpan<byte> document)
    {
        try
        {
            var reader = new BsonReader(document);
            Bson.Find(ref reader, "_id"u8); // nearly always the first
            return null;
        }
        catch (BsonException e)
        {
            return $"Its _id cannot be read. {e.Message}";
        }
    }

    /// <summary>{ _id: … } of a document; {} where it has none.</summary>
    /// <exception cref="BsonException">The document is broken before or at its _id.</exception>
    public static byte[] PositionOf(ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);
}
