using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>
/// Documents in the order of their _id: a list of sorted leaves. Appending in ascending order fills leaves to the brim;
/// elsewhere a full leaf is halved. Not thread-safe: <see cref="Collection"/> holds the lock.
/// </summary>
sealed class IdIndex
{
    const int LeafSize = 256;

    public readonly record struct Entry(byte[] Document, long Record);

    sealed class Leaf
    {
        public readonly Entry[] Entries = new Entry[LeafSize];
        public int Count;
    }

    readonly List<Leaf> leaves = [];

    /// <summary>Changes whenever positions do.</summary>
    public long Version { get; private set; }

    /// <returns>False when the _id is there already.</returns>
    public bool TryAdd(byte[] document, long record)
    {
        var key = IdKey.Of(document, out var type);
        var (leaf, slot, found) = Locate(type, key);
        if (found)
            return false;
        Version++;
        if (leaf == leaves.Count)
            leaves.Add(new Leaf());
        var target = leaves[leaf];
        if (target.Count == LeafSize)
        {
            var right = new Leaf();
            leaves.Insert(leaf + 1, right);
            int keep = leaf == leaves.Count - 2 && slot == LeafSize ? LeafSize : LeafSize / 2;
            Array.Copy(target.Entries, keep, right.Entries, 0, LeafSize - keep);
            Array.Clear(target.Entries, keep, LeafSize - keep);
            (target.Count, right.Count) = (keep, LeafSize - keep);
            if (slot >= keep && (slot > keep || keep == LeafSize))
                (target, slot) = (right, slot - keep);
        }
        Array.Copy(target.Entries, slot, target.Entries, slot + 1, target.Count - slot);
        target.Entries[slot] = new(document, record);
        target.Count++;
        return true;
    }

    public bool TryFind(BsonType type, ReadOnlySpan<byte> key, out Entry entry)
    {
        var (leaf, slot, found) = Locate(type, key);
        entry = found ? leaves[leaf].Entries[slot] : default;
        return found;
    }

    /// <summary>Puts another document of the same _id in the place of the one that is there.</summary>
    public void Replace(byte[] document)
    {
        var key = IdKey.Of(document, out var type);
        var (leaf, slot, _) = Locate(type, key);
        leaves[leaf].Entries[slot] = leaves[leaf].Entries[slot] with { Document = document };
    }

    public void Remove(byte[] document)
    {
        var key = IdKey.Of(document, out var type);
        var (at, slot, found) = Locate(type, key);
        if (!found)
            return;
        Version++;
        var leaf = leaves[at];
        Array.Copy(leaf.Entries, slot + 1, leaf.Entries, slot, leaf.Count - slot - 1);
        leaf.Entries[--leaf.Count] = default;
        if (leaf.Count == 0)
            leaves.RemoveAt(at);
    }

    /// <summary>The first position at or after a key (after it, when not inclusive).</summary>
    public (int Leaf, int Slot) Seek(in BsonValue key, bool inclusive)
    {
        var (leaf, slot, found) = Locate(key.Type, key.Span);
        return (leaf, found && !inclusive ? slot + 1 : slot);
    }

    public (int Leaf, int Slot) End => (leaves.Count, 0);

    /// <summary>Reads a position and moves it on; false at the end.</summary>
    public bool TryNext(ref (int Leaf, int Slot) position, out Entry entry)
    {
        while (position.Leaf < leaves.Count && position.Slot >= leaves[position.Leaf].Count)
            position = (position.Leaf + 1, 0);
        bool any = position.Leaf < leaves.Count;
        entry = any ? leaves[position.Leaf].Entries[position.Slot] : default;
        position.Slot++;
        return any;
    }

    /// <summary>Moves a position back and reads it; false at the beginning.</summary>
    public bool TryPrevious(ref (int Leaf, int Slot) position, out Entry entry)
    {
        while (position.Slot == 0 && position.Leaf > 0)
            position = (position.Leaf - 1, leaves[position.Leaf - 1].Count);
        bool any = position.Slot > 0;
        entry = any ? leaves[position.Leaf].Entries[--position.Slot] : default;
        return any;
    }

    (int Leaf, int Slot, bool Found) Locate(BsonType type, ReadOnlySpan<byte> key)
    {
        if (leaves.Count == 0)
            return (0, 0, false);
        int last = leaves.Count - 1;
        var tail = leaves[last];
        if (Compare(type, key, tail.Entries[tail.Count - 1]) > 0)
            return (last, tail.Count, false);
        int low = 0, high = last;
        while (low < high) // the last leaf whose first key is not above the one sought
        {
            int middle = (low + high + 1) / 2;
            if (Compare(type, key, leaves[middle].Entries[0]) < 0)
                high = middle - 1;
            else
                low = middle;
        }
        var leaf = leaves[low];
        int from = 0, to = leaf.Count;
        while (from < to)
        {
            int middle = (from + to) / 2;
            int order = Compare(type, key, leaf.Entries[middle]);
            if (order == 0)
                return (low, middle, true);
            if (order < 0)
                to = middle;
            else
                from = middle + 1;
        }
        return (low, from, false);
    }

    static int Compare(BsonType type, ReadOnlySpan<byte> key, in Entry entry)
    {
        var other = IdKey.Of(entry.Document, out var otherType);
        return type == BsonType.ObjectId && otherType == BsonType.ObjectId
            ? key.SequenceCompareTo(other)
            : BsonOrder.Compare(type, key, otherType, other);
    }
}
