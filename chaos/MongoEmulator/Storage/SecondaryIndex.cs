using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>What an index other than _id_ does: a unique one keeps its keys, each with the one record that has it; the others keep nothing. Not thread-safe.</summary>
sealed class SecondaryIndex
{
    readonly Dictionary<BsonValue, long> records = new(BsonEquality.Instance);
    readonly FieldPath[] paths;
    readonly IndexKeys keys;

    public SecondaryIndex(IndexSpec spec)
    {
        Spec = spec;
        List<FieldPath> names = [];
        var reader = new BsonReader(spec.Key);
        while (reader.Read())
            names.Add(new FieldPath(reader.Name));
        paths = [.. names];
        keys = new IndexKeys(paths);
    }

    public IndexSpec Spec { get; }

    /// <summary>Whether this index has the document.</summary>
    public bool Has(byte[] document) => Spec.Partial?.Matches(document) != false && (!Spec.IsSparse || keys.Of(document, sparse: true).Count > 0);

    /// <param name="record">The document's own, which may have the keys already.</param>
    /// <returns>Keys for <see cref="Add"/>.</returns>
    /// <exception cref="CommandException">DuplicateKey, or CannotIndexParallelArrays.</exception>
    public IReadOnlyCollection<BsonValue> Check(string @namespace, byte[] document, long record)
    {
        if (!Spec.IsUnique && paths.Length == 1 || Spec.Partial?.Matches(document) == false)
            return []; // nothing to keep, and nothing to refuse
        var wanted = keys.Of(document, Spec.IsSparse);
        if (!Spec.IsUnique)
            return [];
        foreach (var key in wanted)
            if (records.TryGetValue(key, out long other) && other != record)
                throw Duplicate(@namespace, key);
        return wanted;
    }

    public void Add(IReadOnlyCollection<BsonValue> added, long record)
    {
        foreach (var key in added)
            records[key] = record;
    }

    public void Remove(byte[] document)
    {
        if (Spec.IsUnique && Spec.Partial?.Matches(document) != false)
            foreach (var key in keys.Of(document, Spec.IsSparse))
                records.Remove(key);
    }

    /// <summary>Whether the query asks for one value of each field, which at most one document has: then no other need be looked at.</summary>
    /// <param name="record">That document's, or null when there is none.</param>
    public bool Answers(IReadOnlyList<Filter> parts, out long? record)
    {
        record = null;
        if (!Spec.IsUnique || Spec.Partial != null)
            return false;
        var values = new BsonValue[paths.Length];
        for (int i = 0; i < paths.Length; i++)
        {
            var asked = parts.OfType<FieldFilter>().FirstOrDefault(f => f.Path.Text == paths[i].Text && f.Test is ComparisonTest { Comparison: Comparison.Equal });
            // Null asks for what is missing, too, and an array for itself and for what holds it: both may be several documents.
            if (asked?.Test is not ComparisonTest { Constant: { Type: not (BsonType.Null or BsonType.Undefined or BsonType.Array) } constant })
                return false;
            values[i] = constant;
        }
        if (records.TryGetValue(IndexKeys.KeyOf(values), out long found))
            record = found;
        return true;
    }

    CommandException Duplicate(string @namespace, BsonValue key)
    {
        byte[] pattern = Spec.Key, value = Bson.Make(w =>
        {
            var values = new BsonReader(key.Span);
            foreach (var path in paths)
                if (values.Read())
                    w.WriteRaw(values.Type, path.Text, values.Value);
        });
        return new(ErrorCode.DuplicateKey, $"E11000 duplicate key error collection: {@namespace} index: {Spec.Name} dup key: {ShellText.Of(BsonValue.Of(value))}")
        {
            Details = w => w.WriteDocument("keyPattern", pattern).WriteDocument("keyValue", value),
        };
    }
}
