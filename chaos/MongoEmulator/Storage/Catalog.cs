using System.Collections.Concurrent;
using Chaos.MongoEmulator.Commands;

namespace Chaos.MongoEmulator.Storage;

/// <summary>All collections, by namespace. Collections come with the first write, as in mongod.</summary>
sealed class Catalog : IDisposable
{
    readonly ConcurrentDictionary<(string Database, string Name), Collection> collections = new();
    readonly Lock making = new();
    readonly DataFolder? folder;
    readonly Random random;
    readonly Action<string> log;

    public Catalog(DataFolder? folder, ClusterClock clock, Random random, Action<string> log)
    {
        this.folder = folder;
        this.random = random;
        this.log = log;
        Clock = clock;
        foreach (string path in folder?.Logs ?? [])
            if (new CollectionFile(path, clock, log).Open() is { } collection)
                collections[(collection.Database, collection.Name)] = collection;
    }

    public ClusterClock Clock { get; }

    public IEnumerable<string> Databases => collections.Keys.Select(k => k.Database).Distinct().Order(StringComparer.Ordinal);

    public IEnumerable<Collection> In(string database) =>
        collections.Values.Where(c => c.Database == database).OrderBy(c => c.Name, StringComparer.Ordinal);

    public Collection? Find(string database, string name) => collections.GetValueOrDefault((database, name));

    /// <exception cref="CommandException">A name that no collection can have.</exception>
    public Collection FindOrMake(string database, string name, out bool made)
    {
        made = false;
        if (Find(database, name) is { } found)
            return found;
        CheckName(database, name);
        lock (making)
        {
            if (Find(database, name) is { } other)
                return other;
            var collection = new Collection(database, name, NewUuid(), Clock);
            if (folder != null)
                collection.Log = new OperationLog(Path.Combine(folder.Path, OperationLog.FileName(database, name, collection.Uuid)));
            collection.Describe();
            collection.Commit();
            made = true;
            return collections[(database, name)] = collection;
        }
    }

    public Guid NewUuid()
    {
        byte[] uuid = new byte[16];
        lock (random)
            random.NextBytes(uuid);
        (uuid[6], uuid[8]) = ((byte)(uuid[6] & 0x0F | 0x40), (byte)(uuid[8] & 0x3F | 0x80));
        return new Guid(uuid, bigEndian: true);
    }

    static void CheckName(string database, string name)
    {
        if (name.Length == 0 || name.Contains('$') || name.Contains('\0') || name.StartsWith('.') || name.EndsWith('.'))
            throw new CommandException(ErrorCode.InvalidNamespace, $"Invalid collection name: {name}");
        if (System.Text.Encoding.UTF8.GetByteCount(database) + 1 + System.Text.Encoding.UTF8.GetByteCount(name) > 255)
            throw new CommandException(ErrorCode.InvalidNamespace, $"Fully qualified namespace is too long. Namespace: {database}.{name} Max: 255");
    }

    /// <summary>Runs a write under the collection's lock and commits it. A collection dropped in between is made anew (or is null).</summary>
    public T Write<T>(string database, string name, bool make, Func<Collection?, T> write)
    {
        while (true)
        {
            var collection = make ? FindOrMake(database, name, out _) : Find(database, name);
            if (collection == null)
                return write(null);
            collection.Lock.EnterWriteLock();
            try
            {
                if (collection.Dropped)
                    continue;
                try
                {
                    return write(collection);
                }
                finally
                {
                    collection.Commit();
                }
            }
            finally
            {
                collection.Lock.ExitWriteLock();
            }
        }
    }

    public bool Drop(string database, string name)
    {
        if (!collections.TryRemove((database, name), out var collection))
            return false;
        collection.Lock.EnterWriteLock();
        try
        {
            collection.Dropped = true;
            Clock.Tick();
            if (collection.Log is { } log)
            {
                log.Dispose();
                File.Delete(log.Path);
            }
            return true;
        }
        finally
        {
            collection.Lock.ExitWriteLock();
        }
    }

    /// <summary>Everything written so far to the disk.</summary>
    public void Sync()
    {
        foreach (var collection in collections.Values)
        {
            collection.Lock.EnterReadLock();
            try
            {
                if (!collection.Dropped)
                    collection.Log?.Sync();
            }
            finally
            {
                collection.Lock.ExitReadLock();
            }
        }
    }

    public void Dispose()
    {
        foreach (var collection in collections.Values)
            try
            {
                collection.Log?.Dispose();
            }
            catch (IOException e)
            {
                log($"Closing {collection.Log!.Path} failed: {e.Message}");
            }
    }
}
