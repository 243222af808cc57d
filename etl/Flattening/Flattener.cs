using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Etl.Flattening;

/// <summary>
/// Turns documents of one dataset into rows, by contract: a document is accepted whole or refused whole.
/// Rows are fields in PostgreSQL's binary COPY form, each behind its int32 length (−1: NULL), without the field count.
/// Holds one document's rows at a time and allocates nothing for a valid one; one thread at a time.
/// </summary>
public sealed class Flattener
{
    readonly ScopePlan root;
    readonly FieldBuffer fields = new(64 * 1024);
    readonly FieldBuffer key = new(64), cleaned = new(1024);
    readonly KeyField[] keyFields;
    readonly DriftCounter drift;
    readonly WarningCounter warnings = new();
    readonly RuleSetRunner? ruleSets;
    RowSlot[] rows = new RowSlot[16];

    struct RowSlot
    {
        public int Table, Start, Length;
        public Hash128 Hash;
    }

    public Flattener(Dataset dataset)
    {
        Dataset = dataset;
        root = new PlanCompiler(dataset).Compile();
        drift = new DriftCounter(dataset);
        ruleSets = dataset.RuleSets.Count > 0 ? new RuleSetRunner(dataset) : null;
        keyFields = [.. dataset.Key.Select(f => new KeyField(f, dataset.PathOf(f)))];
    }

    public Dataset Dataset { get; }

    /// <summary>Rows of the last accepted document, each table's parents before their children.</summary>
    public int RowCount { get; private set; }

    /// <summary>Elements met that the contract does not describe, since this object was made.</summary>
    public long UndescribedElements => drift.Undescribed;

    /// <summary>Documents accepted in spite of a broken rule that only warns, since this object was made.</summary>
    public long WarnedDocuments => warnings.Documents;

    /// <summary>What the contract does not know of the documents read since the last call. Workers' are added up by <see cref="Drift.Merge"/>.</summary>
    public Drift TakeDrift() => drift.Take();

    /// <summary>Warnings of the documents accepted since the last call, the most frequent first.</summary>
    public IReadOnlyList<WarningCount> TakeWarnings() => warnings.Take();

    /// <summary>Index of a row's table among the dataset's tables.</summary>
    public int TableOf(int row) => rows[row].Table;

    public Hash128 HashOf(int row) => rows[row].Hash;

    public ReadOnlySpan<byte> Row(int row) => fields.Slice(rows[row].Start, rows[row].Length);

    /// <summary>Flattens one document.</summary>
    /// <returns>Null when accepted: its rows are at hand until the next call. Otherwise the first rule that refused it.</returns>
    public Refusal? Flatten(ReadOnlySpan<byte> document)
    {
        fields.Truncate();
        cleaned.Truncate();
        RowCount = 0;
        if (Judge(document) is { } refusal)
        {
            RowCount = 0;
            warnings.Discard();
            drift.Keep();
            return refusal;
        }
        warnings.Accept();
        drift.Keep();
        return null;
    }

    Refusal? Judge(ReadOnlySpan<byte> document)
    {
        try
        {
            return Scope(root, document, new BsonReader(document)) ?? ruleSets?.Refuses(document, warnings);
        }
        catch (BsonException e)
        {
            drift.Forget();
            return new Refusal(RuleNames.Malformed, null, $"Not a valid BSON document: {e.Problem} at byte {e.Offset}."); // its path may be a piece of a text
        }
    }

    /// <summary>The document's key as binary COPY fields, as its tables' document key columns hold it; empty where it has none that fits.</summary>
    public ReadOnlySpan<byte> Key(ReadOnlySpan<byte> document)
    {
        key.Truncate();
        try
        {
            foreach (var field in keyFields)
                if (!field.Write(document, key))
                    return default;
            return key.Written;
        }
        catch (BsonException)
        {
            return default; // the document is refused as malformed; its key cannot be known
        }
    }

    Refusal? Scope(ScopePlan scope, ReadOnlySpan<byte> document, BsonReader reader, int origin = 0)
    {
        scope.Slots.AsSpan().Clear();
        if (Walk(scope.Top, scope, ref reader, document, origin) is { } twice)
            return new Refusal(RuleNames.DuplicateKey, twice.Field);
        foreach (var element in scope.Cleaned)
            Clean(element, ref scope.Slots[element.Slot], document);
        if (Check(scope.Top.Elements, scope, document) is { } refused)
            return refused;
        foreach (var element in scope.Rowless)
            if (CheckFit(element, scope.Slots[element.Slot], document) is { } tooTight)
                return tooTight;
        foreach (var table in scope.Tables)
            if ((table.Presence < 0 || scope.Slots[table.Presence].Type == BsonType.Document)
                && WriteRow(table, document) is { } unfit)
                return unfit;
        foreach (var element in scope.All)
            if (element.Rows is { } rowsInside && scope.Slots[element.Slot].Type == BsonType.Array
                && Rows(rowsInside, element, scope.Slots[element.Slot], document) is { } inside)
                return inside;
        return null;
    }

    void Clean(ElementPlan element, ref Slot slot, ReadOnlySpan<byte> document)
    {
        int start = cleaned.Length;
        if (element.Cleaner!.Clean(ref slot.Type, document.Slice(slot.Start, slot.Length), cleaned))
            (slot.Start, slot.Length, slot.IsCleaned) = (start, cleaned.Length - start, true);
    }

    ReadOnlySpan<byte> Value(in Slot slot, ReadOnlySpan<byte> document) =>
        slot.IsCleaned ? cleaned.Slice(slot.Start, slot.Length) : document.Slice(slot.Start, slot.Length);

    Refusal? Rows(ScopePlan inside, ElementPlan element, Slot array, ReadOnlySpan<byte> document)
    {
        var items = new BsonReader(document.Slice(array.Start, array.Length), array.Start);
        for (inside.Ordinal = 0; items.Read(); inside.Ordinal++)
        {
            if (items.Type is BsonType.Null or BsonType.Undefined)
                return new Refusal(RuleNames.Required, element.Field);
            if (items.Type != BsonType.Document)
            {
                drift.NewType(element.Field.Items!, items.Type, document);
                return new Refusal(RuleNames.Type, element.Field);
            }
            if (element.Items is { } gate)
            {
                if (gate.Refuses(items.Type, items.Value) is { } broken)
                    return Refused(gate, broken, items.Type, document);
                Warn(gate, items.Type, items.Value);
            }
            if (Scope(inside, document, items.Nested(), array.Start + items.ValueOffset) is { } refused)
                return refused;
        }
        return null;
    }

    /// <summary>Notes where each described element lies. Fields mostly come in the contract's order, so the next one is tried first.</summary>
    /// <returns>An element that stands twice, or null.</returns>
    ElementPlan? Walk(ObjectPlan plan, ScopePlan scope, ref BsonReader reader, ReadOnlySpan<byte> document, int origin)
    {
        var elements = plan.Elements;
        int expected = 0;
        while (reader.Read(expected < elements.Length ? elements[expected].Name : [], out bool isExpected))
        {
            int found = isExpected && expected < elements.Length ? expected : Find(elements, reader.NameUtf8, expected);
            if (found < 0)
            {
                drift.Unknown(plan, reader.NameUtf8, reader.Type, document);
                continue;
            }
            expected = found + 1;
            var element = elements[found];
            ref var slot = ref scope.Slots[element.Slot];
            if (slot.Type != Rule.Missing)
                return element;
            slot = new Slot { Type = reader.Type, Start = origin + reader.ValueOffset, Length = reader.Value.Length };
            if (element.Inside is { } inside && reader.Type == BsonType.Document)
            {
                var nested = reader.Nested();
                if (Walk(inside, scope, ref nested, document, slot.Start) is { } twice)
                    return twice;
            }
        }
        return null;
    }

    static int Find(ElementPlan[] elements, ReadOnlySpan<byte> name, int expected)
    {
        for (int i = expected; i < elements.Length; i++)
            if (name.SequenceEqual(elements[i].Name))
                return i;
        for (int i = 0; i < expected && i < elements.Length; i++)
            if (name.SequenceEqual(elements[i].Name))
                return i;
        return -1;
    }

    /// <summary>Asks every rule. What is demanded inside an object is demanded only where the object is there.</summary>
    Refusal? Check(ElementPlan[] elements, ScopePlan scope, ReadOnlySpan<byte> document)
    {
        foreach (var element in elements)
        {
            var slot = scope.Slots[element.Slot];
            var value = Value(slot, document);
            if (element.Gate.Refuses(slot.Type, value) is { } broken)
                return Refused(element.Gate, broken, slot.Type, document);
            if (element.Gate.Warnings.Length > 0)
                Warn(element.Gate, slot.Type, value);
            if (element.Inside is { } inside && slot.Type == BsonType.Document && Check(inside.Elements, scope, document) is { } refused)
                return refused;
        }
        return null;
    }

    Refusal Refused(Gate gate, Rule broken, BsonType type, ReadOnlySpan<byte> document)
    {
        if (broken is TypeRule)
            drift.NewType(gate.Field, type, document);
        return new Refusal(broken.Name, gate.Field);
    }

    void Warn(Gate gate, BsonType type, ReadOnlySpan<byte> value)
    {
        foreach (var rule in gate.Warnings)
            if (!rule.Allows(type, value))
                warnings.Note(rule.Name, gate.Field.Path);
    }

    /// <summary>Whether a value fits its column, where there is no row to write it into.</summary>
    Refusal? CheckFit(ElementPlan element, Slot slot, ReadOnlySpan<byte> document)
    {
        if (slot.Type is Rule.Missing or BsonType.Null or BsonType.Undefined)
            return null;
        int length = fields.Length;
        var field = element.Field;
        var fit = ValueEncoder.Write(slot.Type, Value(slot, document), field, fields);
        fields.Truncate(length);
        return fit == Fit.Fits ? null : new Refusal(RuleNames.Of(fit, "").Rule, field);
    }

    /// <summary>What identifies an event without an id: its content, wherever it stood in its source, and in whatever order its elements come: JSON gives them none.</summary>
    internal static long ContentHash(ReadOnlySpan<byte> document)
    {
        Hash128 sum = default;
        bool isFirst = true;
        for (var reader = new BsonReader(document); reader.Read(); isFirst = false)
        {
            if (isFirst && reader.NameUtf8.SequenceEqual("_id"u8))
                continue;
            var named = Hash128.Of(reader.NameUtf8, (ulong)reader.Type);
            sum += Hash128.Of(reader.Value, named.High, named.Low);
        }
        return (long)sum.High;
    }

    Refusal? WriteRow(TablePlan table, ReadOnlySpan<byte> document)
    {
        int start = fields.Length;
        Hash128 hash = default;
        for (int i = 0; i < table.Columns.Length; i++)
        {
            ref readonly var column = ref table.Columns[i];
            int length = fields.Length;
            fields.Int32(-1);
            if (column.Slot == ColumnPlan.Ordinal)
                fields.Int32(column.Scope.Ordinal);
            else if (column.Slot == ColumnPlan.ContentHash)
                fields.Int64(ContentHash(document));
            else
            {
                var slot = column.Scope.Slots[column.Slot];
                if (slot.Type is Rule.Missing or BsonType.Null or BsonType.Undefined)
                    continue;
                var fit = ValueEncoder.Write(slot.Type, Value(slot, document), column.Column.Field!, fields);
                if (fit != Fit.Fits)
                    return new Refusal(RuleNames.Of(fit, "").Rule, column.Column.Field);
            }
            int bytes = fields.Length - length - 4;
            fields.PatchInt32(length, bytes);
            hash += table.Hasher.Column(i, fields.Slice(length + 4, bytes));
        }
        if (table.IndexLimit is { } limit && fields.Length - start >= IndexLimit.SmallestSuspect && limit.TooLong(fields.Slice(start, fields.Length - start)) is { } tooLong)
            return new Refusal(RuleNames.KeyTooLong, tooLong.Field);
        if (RowCount == rows.Length)
            Array.Resize(ref rows, rows.Length * 2);
        rows[RowCount++] = new RowSlot { Table = table.Index, Start = start, Length = fields.Length - start, Hash = hash };
        return null;
    }
}
