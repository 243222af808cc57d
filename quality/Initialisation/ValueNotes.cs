using System.Globalization;
using Etl.Contracts;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>What a field's values showed beyond their type. Values themselves are named only where they cannot be personal.</summary>
internal static class ValueNotes
{
    const double AsIs = 1e15;

    public static void Add(DescribedField field)
    {
        var values = field.IsArray ? field.Seen.Elements! : field.Seen;
        if (field.Kind != FieldKind.Value)
            return;
        AddTypes(field, values);
        if (!field.IsPersonal && field.Type is { Logical: "integer" or "number" } && values.Numbers is { HasRange: true } numbers && numbers.Least <= numbers.Greatest)
            field.Notes.Add(numbers.Least == numbers.Greatest ? $"always {Show(numbers.Least)}" : $"from {Show(numbers.Least)} to {Show(numbers.Greatest)}");
        if (!field.IsPersonal && field.Type is { Logical: "timestamp" } && values.Dates.Range is { } range)
            field.Notes.Add(range);
        if (values.Dates.OutOfRange > 0 && field.Type is { Logical: "timestamp" })
            field.Doubts.Add($"{FieldInference.Count(values.Dates.OutOfRange)} dates are beyond what timestamptz holds: their documents will be quarantined (range), unless it becomes jsonb");
        AddTexts(field, values);
    }

    static void AddTypes(DescribedField field, ObservedField values)
    {
        if (values.TypesSeen is [_, _, ..] types && field.Type is { IsJsonb: false })
            field.Notes.Add(string.Join(", ", types.Select(t => $"{t.Alias()} {TextSample.Percent((double)values.CountOf(t) / values.Values)}")));
        if (field.Type is { Physical: "binData" })
            field.Doubts.Add("binaries that are no UUID of subtype 4. Where they are UUIDs of an old driver (subtype 3), write physicalType uuid, and uuidOrder");
        else if (field.Type is { Logical: "number", Physical: "" } && values.Numbers.AllWhole && values.TypesSeen.Contains(BsonType.Double))
            field.Doubts.Add("only whole numbers, though some are doubles: integer would do, as long as no fraction comes");
    }

    static void AddTexts(DescribedField field, ObservedField values)
    {
        if (values.Texts is { WithNul: > 0 } or { NotUtf8: > 0 })
            field.Doubts.Add($"{FieldInference.Count(values.Texts.WithNul + values.Texts.NotUtf8)} texts have a NUL or are not UTF-8, which PostgreSQL does not hold: their documents will be quarantined (nul, utf8)");
        if (field.Type is { Logical: "string" } && values.Sample?.TimesOfAll is { } times)
            field.Doubts.Add($"its texts are times: logicalType timestamp with customProperty dateFormat [{string.Join(", ", times.Select(t => $"\"{t}\""))}]{(times.All(t => t.HasOffset) ? "" : " and zone")} makes it timestamptz");
    }

    static string Show(double number) => Math.Abs(number) < AsIs ? number.ToString("0.######", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);
}
