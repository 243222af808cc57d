using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Storage;

/// <summary>
/// The keys under which an index has a document, as mongod makes them: nothing counts as null, an array gives one key an element (an empty
/// one undefined), fields under one array are taken together, and two arrays side by side are refused.
/// </summary>
sealed class IndexKeys(FieldPath[] paths)
{
    /// <summary>One field on its way into the document: what it has reached, and how many of its names it has gone.</summary>
    record struct Step(BsonValue Value, int At, bool Done, bool Exists);

    /// <returns>Keys as arrays of the fields' values, none twice; those of which every field is missing only where <paramref name="sparse"/> is false.</returns>
    /// <exception cref="CommandException">CannotIndexParallelArrays.</exception>
    public IReadOnlyCollection<BsonValue> Of(byte[] document, bool sparse)
    {
        HashSet<BsonValue> keys = new(BsonEquality.Instance);
        var steps = new Step[paths.Length];
        Array.Fill(steps, new Step(BsonValue.Of(document), 0, false, false));
        Generate(steps, keys, sparse);
        return keys;
    }

    void Generate(Step[] steps, HashSet<BsonValue> keys, bool sparse)
    {
        int array = -1;
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i].Done)
                continue;
            steps[i] = Go(paths[i], steps[i]);
            if (steps[i].Done)
                continue;
            if (array >= 0 && !steps[array].Value.Bytes.Equals(steps[i].Value.Bytes))
                throw new CommandException(ErrorCode.CannotIndexParallelArrays, $"cannot index parallel arrays [{paths[i].Names[steps[i].At - 1]}] [{paths[array].Names[steps[array].At - 1]}]");
            array = i;
        }
        if (array < 0)
            Emit(steps, keys, sparse);
        else
            Open(steps, steps[array].Value, keys, sparse);
    }

    /// <summary>Goes on until a value or an array.</summary>
    static Step Go(FieldPath path, Step step)
    {
        var (value, at) = (step.Value, step.At);
        while (true)
        {
            if (value.Type == BsonType.Array && (at == path.Length || path.Ordinal(at) < 0))
                return new(value, at, false, true);
            if (at == path.Length)
                return new(value, at, true, true);
            if (value.Type is not (BsonType.Document or BsonType.Array))
                return new(BsonValue.Null, at, true, false);
            var reader = new BsonReader(value.Span);
            if (!Bson.Find(ref reader, path[at]))
                return new(BsonValue.Null, at, true, false);
            value = new(reader.Type, value.Bytes.Slice(reader.ValueOffset, reader.Value.Length));
            at++;
        }
    }

    void Open(Step[] steps, BsonValue array, HashSet<BsonValue> keys, bool sparse)
    {
        var items = new BsonReader(array.Span);
        bool any = false;
        while (items.Read())
        {
            any = true;
            var item = new BsonValue(items.Type, array.Bytes.Slice(items.ValueOffset, items.Value.Length));
            Generate(Into(steps, item), keys, sparse);
        }
        if (!any)
            Emit(Into(steps, BsonValue.Missing), keys, sparse);
    }

    Step[] Into(Step[] steps, BsonValue item)
    {
        var inside = (Step[])steps.Clone();
        for (int i = 0; i < inside.Length; i++)
            if (!inside[i].Done)
                inside[i] = (inside[i].At == paths[i].Length, item.Type) switch
                {
                    (true, BsonType.EndOfDocument) => new(new BsonValue(BsonType.Undefined, default), inside[i].At, true, true),
                    (true, _) => new(item, inside[i].At, true, true),
                    (false, BsonType.Document) => new(item, inside[i].At, false, false),
                    _ => new(BsonValue.Null, inside[i].At, true, false),
                };
        return inside;
    }

    static void Emit(Step[] steps, HashSet<BsonValue> keys, bool sparse)
    {
        if (sparse && !steps.Any(s => s.Exists))
            return;
        keys.Add(KeyOf(steps.Select(s => s.Value)));
    }

    /// <summary>One key from the values of its fields.</summary>
    public static BsonValue KeyOf(IEnumerable<BsonValue> values) => new(BsonType.Array, Bson.Make(w =>
    {
        foreach (var value in values)
            w.WriteRaw(value.Type, "", value.Span);
    }));
}
