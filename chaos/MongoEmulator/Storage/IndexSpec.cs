using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>An index as it was asked for and is listed: <c>{v, key, name, …}</c>. Only _id_ orders anything.</summary>
sealed record IndexSpec(string Name, byte[] Key, byte[] Document)
{
    public const string IdName = "_id_";
    public static readonly IndexSpec Id = Make(IdName, Bson.Make(w => w.Write("_id", 1)));

    public static IndexSpec Make(string name, byte[] key) =>
        new(name, key, Bson.Make(w => w.Write("v", 2).WriteDocument("key", key).Write("name", name)));

    /// <summary>Reads one back that was listed or kept.</summary>
    public static IndexSpec From(ReadOnlySpan<byte> document)
    {
        var key = new BsonReader(document);
        Bson.Find(ref key, "key"u8);
        var name = new BsonReader(document);
        Bson.Find(ref name, "name"u8);
        return new(name.String, key.Document.ToArray(), document.ToArray());
    }

    public bool SameKey(ReadOnlySpan<byte> key) => BsonOrder.Compare(BsonType.Document, Key, BsonType.Document, key) == 0;
}
