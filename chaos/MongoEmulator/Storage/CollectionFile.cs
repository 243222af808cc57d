using Etl;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>Brings a collection back from its log, and writes the log anew when most of it is dead.</summary>
sealed class CollectionFile(string path, ClusterClock clock, Action<string> log)
{
    const long SmallestDead = 64 * 1024;

    Collection? collection;
    long written;

    /// <returns>Null when a kill left a file without its first record; the file is removed.</returns>
    /// <exception cref="UnavailableException">The file is damaged.</exception>
    public Collection? Open()
    {
        new OperationLogReader(path, log).Read(Replay);
        if (collection == null)
        {
            File.Delete(path);
            return null;
        }
        long alive = collection.Records.Bytes + collection.Records.Count * (OperationLog.HeaderSize + OperationLog.PrefixSize);
        if (written - alive > Math.Max(alive, SmallestDead))
            Compact(collection);
        collection.Log = new OperationLog(path);
        return collection;
    }

    void Replay(OperationKind kind, ulong clusterTime, byte[] document)
    {
        clock.AtLeast(clusterTime);
        written += document.Length + OperationLog.HeaderSize + OperationLog.PrefixSize;
        if (kind == OperationKind.Describe)
            Describe(document);
        else if (collection == null)
            throw new InvalidDataException("its first record does not describe the collection");
        else if (kind == OperationKind.Put)
            Put(collection, document);
        else if (kind == OperationKind.Delete && Find(document) is { } victim)
            collection.Remove(victim);
        else
            throw new InvalidDataException(kind == OperationKind.Delete ? "it deletes what is not there" : $"a record of unknown kind {(byte)kind}");
    }

    byte[]? Find(byte[] document) =>
        collection!.Ids.TryFind(IdType(document), IdKey.Of(document, out _), out var entry) ? entry.Document : null;

    static BsonType IdType(byte[] document)
    {
        IdKey.Of(document, out var type);
        return type;
    }

    void Put(Collection target, byte[] document)
    {
        if (Find(document) is { } before)
            target.Replace(before, document);
        else
            target.Insert(document);
    }

    void Describe(byte[] document)
    {
        string database = "", name = "";
        Guid uuid = default;
        List<IndexSpec> indexes = [];
        var reader = new BsonReader(document);
        while (reader.Read())
            switch (reader.Name)
            {
                case "db": database = reader.String; break;
                case "name": name = reader.String; break;
                case "uuid": uuid = new Guid(reader.BinaryBytes, bigEndian: true); break;
                case "indexes":
                    var items = reader.Nested();
                    while (items.Read())
                        indexes.Add(IndexSpec.From(items.Document));
                    break;
            }
        collection ??= new Collection(database, name, uuid, clock);
        collection.SetIndexes(indexes);
    }

    void Compact(Collection alive)
    {
        string fresh = path + ".tmp";
        File.Delete(fresh);
        using (var target = new OperationLog(fresh))
        {
            target.Append(OperationKind.Describe, clock.Now, alive.Description);
            long record = 0;
            while (alive.Records.Next(ref record) is { } document)
                target.Append(OperationKind.Put, clock.Now, document);
        }
        File.Move(fresh, path, overwrite: true);
    }
}
