using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>An index as it was asked for and is listed: <c>{v, key, name, …}</c>. _id_ orders documents, unique ones refuse duplicates and find single documents; others are kept to be listed.</summary>
sealed record IndexSpec(string Name, byte[] Key, byte[] Document)
{
    public const string IdName = "_id_";
    public static readonly IndexSpec Id = Make(IdName, Bson.Make(w => w.Write("_id", 1)));

    public bool IsUnique { get; private init; }

    /// <summary>Documents that have none of its fields are left out.</summary>
    public bool IsSparse { get; private init; }

    /// <summary>Documents that do not match are left out; null where all are in it.</summary>
    public Filter? Partial { get; private init; }

    /// <param name="partial">A query, or null.</param>
    public static IndexSpec Make(string name, byte[] key, bool unique = false, bool sparse = false, byte[]? partial = null) =>
        From(Bson.Make(w =>
        {
            w.Write("v", 2).WriteDocument("key", key).Write("name", name);
            if (unique)
                w.Write("unique", true);
            if (sparse)
                w.Write("sparse", true);
            if (partial != null)
                w.WriteDocument("partialFilterExpression", partial);
        }));

    /// <summary>Reads one back that was listed or kept.</summary>
    public static IndexSpec From(ReadOnlySpan<byte> document) =>
        new(Find(document, "name"u8).Text, Find(document, "key"u8).Bytes.ToArray(), document.ToArray())
        {
            IsUnique = Find(document, "unique"u8).IsTrue,
            IsSparse = Find(document, "sparse"u8).IsTrue,
            Partial = Find(document, "partialFilterExpression"u8) is { IsMissing: false } filter ? FilterParser.Parse(filter.Span) : null,
        };

    static BsonValue Find(ReadOnlySpan<byte> document, ReadOnlySpan<byte> name)
    {
        var reader = new BsonReader(document);
        return Bson.Find(ref reader, name) ? BsonValue.CopyOf(reader) : BsonValue.Missing;
    }

    public bool SameKey(ReadOnlySpan<byte> key) => BsonOrder.Compare(BsonType.Document, Key, BsonType.Document, key) == 0;

    public bool SameAs(IndexSpec other) => Document.AsSpan().SequenceEqual(other.Document);
}
