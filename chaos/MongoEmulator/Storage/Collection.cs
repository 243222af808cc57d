using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>
/// One collection: its documents as BSON bytes, in insertion order and in the order of their _id, and its log.
/// Whoever reads holds <see cref="Lock"/> for reading, whoever writes holds it for writing and ends with <see cref="Commit"/>.
/// </summary>
sealed class Collection(string database, string name, Guid uuid, ClusterClock clock)
{
    public string Database => database;
    public string Name => name;
    public string Namespace { get; } = $"{database}.{name}";
    public Guid Uuid => uuid;
    public ReaderWriterLockSlim Lock { get; } = new();
    public RecordStore Records { get; } = new();
    public IdIndex Ids { get; } = new();
    public List<IndexSpec> Indexes { get; } = [IndexSpec.Id];
    public OperationLog? Log { get; set; }

    /// <summary>Dropped: readers and writers that still hold it must let go.</summary>
    public bool Dropped { get; set; }

    /// <param name="document">Complete, its _id first; kept, so not to be changed.</param>
    /// <exception cref="CommandException">The _id is there already.</exception>
    public void Insert(byte[] document)
    {
        if (!Ids.TryAdd(document, Records.End))
            throw DuplicateId(document);
        try
        {
            Log?.Append(OperationKind.Put, clock.Tick(), document);
        }
        catch (IOException)
        {
            Ids.Remove(document);
            throw;
        }
        Records.Add(document);
        if (Log == null)
            clock.Tick();
    }

    public void Replace(byte[] before, byte[] document)
    {
        Append(OperationKind.Put, document);
        var key = IdKey.Of(before, out var type);
        Ids.TryFind(type, key, out var entry);
        Ids.Replace(document);
        Records.Replace(entry.Record, document);
    }

    public void Remove(byte[] document)
    {
        var id = IdKey.ValueOf(document);
        if (Log != null)
            Append(OperationKind.Delete, Bson.Make(w => w.WriteRaw(id.Type, "_id", id.Span)));
        else
            clock.Tick();
        Ids.TryFind(id.Type, id.Span, out var entry);
        Ids.Remove(document);
        Records.Remove(entry.Record);
    }

    void Append(OperationKind kind, ReadOnlySpan<byte> document)
    {
        ulong at = clock.Tick();
        Log?.Append(kind, at, document);
    }

    /// <summary>Keeps name, uuid and indexes as they now are.</summary>
    public void Describe() => Append(OperationKind.Describe, Description);

    /// <summary>Call before a write is answered.</summary>
    public void Commit() => Log?.Flush();

    public byte[] Description => Bson.Make(w =>
    {
        w.Write("db", database).Write("name", name).WriteBinary("uuid", uuid.ToByteArray(bigEndian: true), 4).BeginArray("indexes");
        foreach (var index in Indexes)
            w.WriteDocument(default, index.Document);
        w.End();
    });

    CommandException DuplicateId(byte[] document)
    {
        var id = IdKey.ValueOf(document);
        return new(ErrorCode.DuplicateKey, $"E11000 duplicate key error collection: {Namespace} index: _id_ dup key: {{ _id: {ShellText.Of(id)} }}")
        {
            Details = w => w.BeginDocument("keyPattern").Write("_id", 1).End().BeginDocument("keyValue").WriteRaw(id.Type, "_id", id.Span).End(),
        };
    }
}
