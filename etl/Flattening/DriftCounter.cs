using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>
/// Counts what documents hold and the contract does not describe, in bounded memory: a look into a table for each such element,
/// and an allocation for each new path only. Nothing is done for documents without drift. One thread at a time.
/// </summary>
internal sealed class DriftCounter(Dataset dataset)
{
    const int ShownName = 100;

    readonly Dictionary<Hash128, Entry> entries = [];
    readonly List<Hash128> fresh = []; // paths that the document at hand is the first to have
    readonly byte[][] key = [.. dataset.PositionFields];
    readonly bool positionIsDescribed = dataset.Root.Children.Any(f => f.Name == "_id");
    readonly bool keyIsPersonal = dataset.Key.Any(f => f.IsPersonal);
    long beyondLimit;

    sealed class Entry
    {
        public required string Path, FirstKey;
        public bool IsNewType;
        public long Count;
        public UInt128 Types; // by the type's byte; MinKey, 0xFF, takes the place of the unused 0x7E
    }

    /// <summary>Elements met that the contract does not describe, since this object was made.</summary>
    public long Undescribed { get; private set; }

    /// <summary>An element without description.</summary>
    public void Unknown(ObjectPlan around, ReadOnlySpan<byte> name, BsonType type, ReadOnlySpan<byte> document)
    {
        if (!positionIsDescribed && around.Path.Length == 0 && name.SequenceEqual("_id"u8))
            return; // where the document stands in its source, written in front of it at the door
        Undescribed++;
        var id = Hash128.Of(name, (ulong)around.Id);
        if (entries.TryGetValue(id, out var entry) || Add(id, document, out entry))
            Count(entry, type, entry.Path.Length > 0 ? null : PathOf(around, name));
    }

    /// <summary>A described field whose value is of a type that it does not accept.</summary>
    public void NewType(Field field, BsonType type, ReadOnlySpan<byte> document)
    {
        var id = Hash128.Of(Encoding.UTF8.GetBytes(field.Path), ulong.MaxValue); // the document is refused anyway: this path may allocate
        if (entries.TryGetValue(id, out var entry) || Add(id, document, out entry))
        {
            entry.IsNewType = true;
            Count(entry, type, field.Path);
        }
    }

    /// <summary>The document at hand was read to its end: its names are names.</summary>
    public void Keep()
    {
        if (fresh.Count > 0)
            fresh.Clear();
    }

    /// <summary>The document at hand was none: where bytes are out of step, a name may be a piece of someone's text.</summary>
    public void Forget()
    {
        foreach (var id in fresh)
            entries.Remove(id);
        fresh.Clear();
    }

    /// <summary>What was seen since the last call.</summary>
    public Drift Take()
    {
        if (entries.Count == 0 && beyondLimit == 0)
            return Drift.None;
        var drift = new Drift(Drift.Ordered(entries.Values.Select(e => new DriftField(e.Path, e.IsNewType, e.Count, TypesOf(e.Types), e.FirstKey))), beyondLimit);
        entries.Clear();
        beyondLimit = 0;
        return drift;
    }

    bool Add(Hash128 id, ReadOnlySpan<byte> document, out Entry entry)
    {
        entry = null!;
        if (entries.Count == Drift.Limit)
        {
            beyondLimit++;
            return false;
        }
        fresh.Add(id);
        entries.Add(id, entry = new Entry { Path = "", FirstKey = KeyOf(document) });
        return true;
    }

    static void Count(Entry entry, BsonType type, string? path)
    {
        entry.Path = path ?? entry.Path;
        entry.Count++;
        entry.Types |= UInt128.One << Bit(type);
    }

    const byte MinKeyBit = 0x7E;

    static int Bit(BsonType type) => type == BsonType.MinKey ? MinKeyBit : (byte)type;

    static IReadOnlyList<BsonType> TypesOf(UInt128 bits) => [.. Enum.GetValues<BsonType>().Where(t => (bits >> Bit(t) & 1) == 1)];

    static string PathOf(ObjectPlan around, ReadOnlySpan<byte> name)
    {
        string shown = around.IsPersonal ? "***" : ShownText.WithoutNul(ShownText.Clip(Encoding.UTF8.GetString(name), ShownName));
        return around.Path.Length == 0 ? shown : $"{around.Path}.{shown}";
    }

    string KeyOf(ReadOnlySpan<byte> document)
    {
        try
        {
            var texts = new List<string>();
            foreach (byte[] name in key)
            {
                var reader = new BsonReader(document);
                if (!Bson.Find(ref reader, name))
                    return "";
                texts.Add(keyIsPersonal ? "***" : ShownText.Clip(ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false), ShownName));
            }
            return string.Join(", ", texts);
        }
        catch (BsonException)
        {
            return ""; // the document is refused as malformed; its key cannot be known
        }
    }
}
