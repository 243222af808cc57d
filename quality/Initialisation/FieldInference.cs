using System.Globalization;
using Etl.Contracts;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>Makes a description of a collection's documents out of what was seen in them. Whatever has no column that holds it exactly becomes jsonb.</summary>
/// <param name="collection">Its name.</param>
/// <param name="oneTable">Arrays of objects get no tables of their own.</param>
internal sealed class FieldInference(string collection, bool oneTable)
{
    /// <summary>Objects that prove that a field is always there, fewer than which prove nothing.</summary>
    public const int EnoughForRequired = 20;

    /// <summary>Texts from which on a list of choices is more than chance, and how often each stands on average.</summary>
    const int EnoughForChoices = 100, TextsPerChoice = 10;

    /// <summary>A contract's YAML may be nested 64 deep; an object takes two of that, an array of objects three.</summary>
    const int MostYaml = 54;

    /// <summary>Columns that a table gets; wider rows may not fit a page of PostgreSQL (docs/types.md).</summary>
    const int MostColumns = 1_000;

    /// <summary>What a contract knows places by; a name with a dot in it can claim the path of another place.</summary>
    readonly HashSet<string> paths = [];

    /// <summary>Columns that the table in hand can still get.</summary>
    int columnsLeft = MostColumns;

    /// <summary>Fields of the documents that cannot be described, with the reason.</summary>
    public List<string> LeftOut { get; } = [];

    public IReadOnlyList<DescribedField> Describe(ObservedField root)
    {
        var described = DescribeFields(root, 0);
        if (root.Beyond > 0)
            LeftOut.Add($"fields beyond those that are told apart (met {Count(root.Beyond)} times): keep data out of the names of fields");
        return described;
    }

    IReadOnlyList<DescribedField> DescribeFields(ObservedField place, int depth)
    {
        var described = new Dictionary<ObservedField, DescribedField>();
        // Names that could be taken for a path claim it first, then plain values: the objects, which others can be moved out of the way of, come last.
        foreach (var field in place.Fields.OrderBy(f => f.Name.Contains('.') || f.Name.Contains("[]", StringComparison.Ordinal) ? 0 : f.TypesSeen is [BsonType.Document] or [BsonType.Array] ? 2 : 1))
            if (field.Name.Length == 0 || !field.IsNamedInUtf8)
                LeftOut.Add(field.Name.Length == 0 ? $"a field without a name in {(place.Path.Length > 0 ? Shown(place.Path) : "the documents")} ({Count(field.Count)} times)" : $"{Shown(field.Path)}, whose name is not UTF-8");
            else if (paths.Contains(field.Path))
                LeftOut.Add($"{Shown(field.Path)}, which is also the path of another place");
            else if (columnsLeft <= 0 && place.Around is null)
                LeftOut.Add($"{Shown(field.Path)}: the table has {MostColumns} columns");
            else
                described[field] = DescribeField(field, place, depth);
        return [.. place.Fields.Where(described.ContainsKey).Select(f => described[f])];
    }

    DescribedField DescribeField(ObservedField seen, ObservedField place, int depth)
    {
        paths.Add(seen.Path);
        var field = Typed(seen, depth);
        if (field.Kind == FieldKind.Value)
            columnsLeft--;
        long objects = place.CountOf(BsonType.Document);
        field.Notes.Add($"in {Share(seen.Values, objects)}{(seen.HasNulls ? $", null in {Count(seen.Count - seen.Values)}" : "")}");
        field.Required = seen.Values == objects && objects >= EnoughForRequired && !field.All.Any(f => f.Seen.Repeated > 0);
        if (seen.Repeated > 0)
            field.Doubts.Add($"stands twice in {Count(seen.Repeated)} objects: their documents will be quarantined (duplicateKey)");
        if (PersonalData.Why(seen, collection) is { } why)
        {
            field.IsPersonal = true;
            field.Notes.Add($"likely personal, {why}");
        }
        ValueNotes.Add(field);
        if (field is { Kind: FieldKind.Value, IsArray: false, Type.IsJsonb: false })
            AddDemands(field);
        return field;
    }

    DescribedField Typed(ObservedField seen, int depth)
    {
        switch (seen.TypesSeen)
        {
            case []:
                return DescribedField.Jsonb(seen, "never anything but null: its type is not known");
            case [BsonType.Document]:
                return TypedObject(seen, depth);
            case [BsonType.Array]:
                return TypedArray(seen, depth);
            case var types:
                return ValueType.Of(seen) is { } type ? new DescribedField(seen) { Type = type } : DescribedField.Jsonb(seen, Mixed(seen, types, "of several types"));
        }
    }

    static string Mixed(ObservedField seen, IReadOnlyList<BsonType> types, string what) => types.Count == 1 ? $"{types[0].Alias()} has no column of its own"
        : $"{what}: {string.Join(", ", types.Select(t => $"{t.Alias()} {TextSample.Percent((double)seen.CountOf(t) / seen.Values)}"))}. Where one of them is right, describe that: the others will be quarantined";

    DescribedField TypedObject(ObservedField seen, int depth)
    {
        if (WhyNoColumns(seen, depth + 2) is { } why)
            return DescribedField.Jsonb(seen, why);
        var children = Try(() => DescribeFields(seen, depth + 2), seen.Path);
        return children is null ? DescribedField.Jsonb(seen, "a field beside it is named as a path into it: they could not be told apart")
            : new DescribedField(seen) { Kind = FieldKind.Object, Children = children };
    }

    DescribedField TypedArray(ObservedField seen, int depth)
    {
        if (seen.Elements is not { } elements || elements.Count == 0)
            return DescribedField.Jsonb(seen, "always empty: the type of its elements is not known");
        if (!paths.Add(seen.Path + "[]"))
            return DescribedField.Jsonb(seen, "a field beside it is named as a path into it: they could not be told apart");
        if (ValueType.Of(elements) is { } type)
            return new DescribedField(seen) { Type = type, IsArray = true };
        paths.Remove(seen.Path + "[]");
        if (elements.TypesSeen is not [BsonType.Document] || elements.HasNulls)
            return DescribedField.Jsonb(seen, elements.TypesSeen switch
            {
                [] => "only nulls in it: the type of its elements is not known",
                [BsonType.Array] => "an array of arrays",
                [BsonType.Document] => $"{Count(elements.Count - elements.Values)} of its {Count(elements.Count)} elements are null, the others objects",
                var types => Mixed(elements, types, "its elements are of several types"),
            });
        if (oneTable)
            return DescribedField.Jsonb(seen, "an array of objects: events are one row each");
        if (WhyNoColumns(elements, depth + 3) is { } why)
            return DescribedField.Jsonb(seen, why);
        int outside = columnsLeft;
        columnsLeft = MostColumns;
        paths.Add(seen.Path + "[]");
        var children = Try(() => DescribeFields(elements, depth + 3), seen.Path);
        columnsLeft = outside;
        if (children is null)
        {
            paths.Remove(seen.Path + "[]");
            return DescribedField.Jsonb(seen, "a field beside it is named as a path into it: they could not be told apart");
        }
        var rows = new DescribedField(seen) { Kind = FieldKind.Rows, Children = children };
        if (children.FirstOrDefault(c => ElementKeys.Is(c.Seen)) is { } key)
        {
            (key.KeyPosition, key.Required) = (1, true);
            rows.Notes.Add($"keyed by {Shown(key.Name)}, which never stood twice in {Count(key.Seen.Count)} elements");
        }
        return rows;
    }

    /// <summary>Describes what is inside, unless a place in there has a path that is taken.</summary>
    IReadOnlyList<DescribedField>? Try(Func<IReadOnlyList<DescribedField>> describe, string path)
    {
        var (before, leftOut, columns) = (paths.ToHashSet(), LeftOut.Count, columnsLeft);
        var children = describe();
        if (children.Count > 0 && LeftOut.Count == leftOut && columnsLeft >= 0)
            return children;
        if (children.Count > 0 && columnsLeft >= 0 && LeftOut.Skip(leftOut).All(l => l.EndsWith("not UTF-8", StringComparison.Ordinal)))
            return children;
        paths.Clear();
        paths.UnionWith(before);
        LeftOut.RemoveRange(leftOut, LeftOut.Count - leftOut);
        columnsLeft = columns;
        return null;
    }

    /// <returns>Why the fields of an object cannot be columns, in words; null: they can.</returns>
    string? WhyNoColumns(ObservedField place, int depth) =>
        place.Fields.Count == 0 ? "its objects are always empty"
        : depth > MostYaml ? "nested deeper than a contract can be"
        : place.Fields.Any(f => f.Name.Length == 0) ? "it has a field without a name"
        : DataKeys.Why(place) is { } data ? $"its keys look like data: {data}. As jsonb it is one column, however many keys come"
        : place.Fields.Count > columnsLeft ? $"its {place.Fields.Count} fields do not fit the table"
        : null;

    static void AddDemands(DescribedField field)
    {
        if (field.Type is not { Logical: "string", Physical: "", Accepted: null } || field.Seen.Sample is not { } sample)
            return;
        field.Format = sample.Format;
        if (field.Format is null && !field.IsPersonal && sample is { Count: >= EnoughForChoices, Choices: { Count: > 1 } choices } && choices.Count * TextsPerChoice <= sample.Count && choices.All(IsPrintable))
            field.Choices = [.. choices.Order(StringComparer.Ordinal)];
    }

    static bool IsPrintable(string text) => text.All(c => !char.IsControl(c) && !char.IsSurrogate(c));

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    static string Share(long part, long whole) => part == whole ? $"all {Count(whole)}" : $"{Count(part)} of {Count(whole)} ({TextSample.Percent((double)part / whole)})";

    /// <summary>A name from data, on one line.</summary>
    public static string Shown(string name) => $"'{ShownText.Clip(Quality.Ui.VisibleText.Of(name), 200)}'";
}
