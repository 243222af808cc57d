using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>
/// One collection: its documents as BSON bytes, in insertion order and in the order of their _id, its indexes, and its log.
/// Whoever reads holds <see cref="Lock"/> for reading, whoever writes holds it for writing and ends with <see cref="Commit"/>.
/// </summary>
sealed class Collection(string database, string name, Guid uuid, ClusterClock clock)
{
    readonly List<SecondaryIndex> secondary = [];

    public string Database => database;
    public string Name => name;
    public string Namespace { get; } = $"{database}.{name}";
    public Guid Uuid => uuid;
    public ReaderWriterLockSlim Lock { get; } = new();
    public RecordStore Records { get; } = new();
    public IdIndex Ids { get; } = new();

    /// <summary>_id_ first, then in the order of their making.</summary>
    public IReadOnlyList<IndexSpec> Indexes { get; private set; } = [IndexSpec.Id];

    public OperationLog? Log { get; set; }

    /// <summary>Dropped: readers and writers that still hold it must let go.</summary>
    public bool Dropped { get; set; }

    /// <param name="document">Complete, its _id first; kept, so not to be changed.</param>
    /// <exception cref="CommandException">The _id is there already, or a key of a unique index.</exception>
    public void Insert(byte[] document)
    {
        if (!Ids.TryAdd(document, Records.End))
            throw DuplicateId(document);
        try
        {
            var keys = Check(document, Records.End);
            Log?.Append(OperationKind.Put, clock.Tick(), document);
            Add(keys, Records.End);
        }
        catch (Exception e) when (e is IOException or CommandException)
        {
            Ids.Remove(document);
            throw;
        }
        Records.Add(document);
        if (Log == null)
            clock.Tick();
    }

    /// <exception cref="CommandException">A key of a unique index is another document's.</exception>
    public void Replace(byte[] before, byte[] document)
    {
        var id = IdKey.Of(before, out var type);
        Ids.TryFind(type, id, out var entry);
        var keys = Check(document, entry.Record);
        Append(OperationKind.Put, document);
        foreach (var index in secondary)
            index.Remove(before);
        Add(keys, entry.Record);
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
        foreach (var index in secondary)
            index.Remove(document);
        Ids.Remove(document);
        Records.Remove(entry.Record);
    }

    List<IReadOnlyCollection<BsonValue>> Check(byte[] document, long record) =>
        secondary.Count == 0 ? [] : secondary.ConvertAll(index => index.Check(Namespace, document, record));

    void Add(List<IReadOnlyCollection<BsonValue>> keys, long record)
    {
        for (int i = 0; i < keys.Count; i++)
            secondary[i].Add(keys[i], record);
    }

    /// <summary>Adds and drops so that these remain. What is there stays as it is when one cannot be built.</summary>
    /// <exception cref="CommandException">Documents of the collection break a new unique index.</exception>
    public void SetIndexes(IReadOnlyList<IndexSpec> wanted)
    {
        var built = wanted.Where(spec => spec.Name != IndexSpec.IdName)
            .Select(spec => secondary.Find(index => index.Spec.SameAs(spec)) ?? Build(spec)).ToList();
        secondary.Clear();
        secondary.AddRange(built);
        Indexes = [.. wanted];
    }

    SecondaryIndex Build(IndexSpec spec)
    {
        var index = new SecondaryIndex(spec);
        long next = 0;
        while (Records.Next(ref next) is { } document)
            index.Add(index.Check(Namespace, document, next - 1), next - 1);
        return index;
    }

    public SecondaryIndex? Secondary(string name) => secondary.Find(index => index.Spec.Name == name);

    /// <summary>The one document a query can match, where it asks for a unique key; false where it does not.</summary>
    public bool TryFindUnique(Filter filter, out byte[]? document)
    {
        document = null;
        IReadOnlyList<Filter> parts = filter is AllOf all ? all.Parts : [filter];
        foreach (var index in secondary)
            if (index.Answers(parts, out long? record))
            {
                document = record is { } at ? Records.Next(ref at) : null;
                return true;
            }
        return false;
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
