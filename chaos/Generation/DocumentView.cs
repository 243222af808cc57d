using System.Text;
using Etl.Documents;

namespace Chaos.Generation;

/// <summary>Looks for fields of a document: what is missing, or of another type, is null.</summary>
readonly ref struct DocumentView(ReadOnlySpan<byte> document)
{
    static readonly DateTimeOffset Latest = DateTimeOffset.FromUnixTimeSeconds(uint.MaxValue);

    readonly ReadOnlySpan<byte> document = document;

    public ObjectId? Id(string name) => Find(name, BsonType.ObjectId, out var reader) ? ObjectId.Read(reader.ObjectId) : null;

    public int? Int(string name) => Find(name, BsonType.Int32, out var reader) ? reader.Int32 : null;

    public string? Text(string name) => Find(name, BsonType.String, out var reader) ? Encoding.UTF8.GetString(reader.Utf8) : null;

    /// <summary>A date that an ObjectId can carry, 1970 to 2106; others are broken here.</summary>
    public DateTimeOffset? Date(string name) =>
        Find(name, BsonType.DateTime, out var reader) && reader.DateTime >= 0 && reader.DateTime <= Latest.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(reader.DateTime)
            : null;

    public DocumentView Nested(string name) => Find(name, BsonType.Document, out var reader) ? new DocumentView(reader.Document) : default;

    bool Find(string name, BsonType type, out BsonReader reader)
    {
        reader = default;
        if (document.IsEmpty)
            return false;
        reader = new BsonReader(document);
        Span<byte> utf8 = stackalloc byte[64];
        return Bson.Find(ref reader, utf8[..Encoding.UTF8.GetBytes(name, utf8)]) && reader.Type == type;
    }
}
