using Etl.Documents;
using Etl.Validation;

namespace Etl.Contracts;

/// <summary>What stands in a contract and would have no effect where it stands: whoever wrote it believes that it has.</summary>
internal static class Misplaced
{
    public static void Report(YamlView entry, YamlView custom, YamlView? items, FieldKind kind, bool asJson, bool isArray, string path)
    {
        void Refuse(string property, string why)
        {
            if (custom.Has(property))
                custom.Error($"customProperty '{property}' does not go with '{path}': {why}.", property);
        }

        if (kind == FieldKind.Value)
        {
            Refuse("table", "a plain value opens no table; only objects and arrays of objects do");
            Refuse("shared", "only an object with a table can be shared");
        }
        else
        {
            const string why = "it becomes no column; name those of its fields, or keep it whole with columnType jsonb";
            foreach (string property in (string[])["column", "acceptedTypes", "inherit"])
                Refuse(property, why);
            if (custom.Text("columnType") is { } columnType && ColumnTypeSql.FromSqlName(columnType) is not null)
                Refuse("columnType", $"an object is kept whole in jsonb only, not in {columnType}");
            if (entry.Flag("unique"))
                entry.Error($"'unique' does not go with '{path}': it becomes no column.", "unique");
        }
        if (kind != FieldKind.Value || isArray)
            foreach (string property in CleaningReader.Properties)
                Refuse(property, "only single values are cleaned, or written as times");
        foreach (string property in (string[])["columnType", "acceptedTypes"])
            if (custom.Has("epoch") || custom.Has("dateFormat"))
                Refuse(property, "its form says that it becomes a timestamptz, and what it is written as");
        if (kind == FieldKind.Rows)
            Refuse("shared", "the rows of an array belong to their document");
        if (kind == FieldKind.Object && custom.Flag("shared") && FieldReader.TableOf(custom) is null or "")
            Refuse("shared", "it needs a table of its own: name it with customProperty 'table'");
        if (asJson)
            foreach (string inside in (string[])["properties", "items"])
                if (entry.Has(inside))
                    entry.Error($"'{inside}' of '{path}' would not be enforced: jsonb keeps the value whole. Describe it in words, or leave columnType away.", inside);
        if (!asJson && kind != FieldKind.Object && entry.Has("properties"))
            entry.Error($"'properties' does not go with '{path}': only an object has them{(kind == FieldKind.Rows || isArray ? "; those of an array's elements stand in 'items'" : "")}.", "properties");
        if (items is not null && items.Has("customProperties"))
            items.Error($"customProperties of the elements of '{path}' have no effect. Give them to the array.", "customProperties");
        if (isArray && items?.Text("logicalType") == "array")
            items.Error($"An array of arrays has no column: keep '{path}' with columnType jsonb.", "logicalType");
    }

    /// <summary>A valid value that another rule of its field refuses is valid nowhere, nor is one that is never written so.</summary>
    public static void ReportValidValues(YamlView entry, Field field)
    {
        foreach (var judged in new[] { field, field.Items })
        {
            if (judged is not { Constraints.ValidValues: { } values } || judged is { Kind: FieldKind.Value, ColumnType: ColumnType.Jsonb })
                continue;
            if (judged.Kind != FieldKind.Value || judged.IsArray)
                entry.Error($"Valid values of '{judged.Path}' have no effect: it is {(judged.Kind == FieldKind.Object ? "an object; give them to its fields" : "an array; give them to its 'items'")}.", "quality");
            else if (judged.ColumnType is ColumnType.Timestamp or ColumnType.Uuid or ColumnType.Bytea)
                entry.Error($"Valid values of '{judged.Path}' are not supported: only texts, ObjectIds, numbers and booleans can be listed.", "quality");
            else
                ReportValidValues(entry, judged, values);
        }
    }

    static void ReportValidValues(YamlView entry, Field judged, IReadOnlyList<string> values)
    {
        var gate = new Gate(judged);
        foreach (string value in values)
        {
            if (judged.ColumnType == ColumnType.Boolean && value is not ("true" or "false"))
                entry.Error($"Valid value '{value}' of '{judged.Path}' is not true or false, as booleans are written.", "quality");
            else if (judged.ColumnType == ColumnType.Text && !judged.Accepted.Contains(BsonType.String) && !IsObjectId(value))
                entry.Error($"Valid value '{value}' of '{judged.Path}' is no ObjectId: 24 hex digits, lower case.", "quality");
            else if (AsValue(judged, value) is not { } bson)
                entry.Error($"Valid value '{value}' of '{judged.Path}' is not a number.", "quality");
            else if (gate.Rules.FirstOrDefault(r => !r.Allows(bson.Type, bson.Value) && r.Name != RuleNames.ValidValues) is { } broken)
                entry.Error($"Valid value '{value}' of '{judged.Path}' breaks rule {broken.Name}: it must {broken.Demand}.", "quality");
        }
    }

    static bool IsObjectId(string value) => value.Length == 24 && value.All(char.IsAsciiHexDigit) && !value.Any(char.IsAsciiLetterUpper);

    /// <summary>Demands that judge texts where no text can stand, and bounds between which no whole number of the column lies.</summary>
    public static void ReportDemands(YamlView entry, Field field)
    {
        foreach (var judged in new[] { field, field.Items })
        {
            if (judged is null)
                continue;
            var c = judged.Constraints;
            bool ofText = c.MinLength is not null || c.MaxLength is not null || c.Pattern is not null || c.Format is not null;
            bool isText = judged is { Kind: FieldKind.Value, IsArray: false } && (judged.Accepted.Count == 0 || judged.Accepted.Contains(BsonType.String)); // without types there is an error already
            if (ofText && !isText)
                entry.Error($"minLength, maxLength, pattern and format judge texts, which '{judged.Path}' never is: leave them away.", "logicalTypeOptions");
            if (c.ValidPattern is not null && !isText)
                entry.Error($"The pattern of '{judged.Path}' judges texts, which it never is: leave it away.", "quality");
            if (judged is { Kind: FieldKind.Value, IsArray: false, ColumnType: ColumnType.Integer or ColumnType.BigInt })
                ReportBounds(entry, judged, c);
        }
    }

    static void ReportBounds(YamlView entry, Field judged, Constraints c)
    {
        if (c.Minimum > c.Maximum || c.Minimum >= c.ExclusiveMaximum || c.ExclusiveMinimum >= c.Maximum || c.ExclusiveMinimum >= c.ExclusiveMaximum)
            return; // said already
        var (least, most) = judged.ColumnType == ColumnType.Integer ? (int.MinValue, int.MaxValue) : ((decimal)long.MinValue, (decimal)long.MaxValue);
        decimal Near(decimal bound) => Math.Clamp(bound, least - 1, most + 1); // beyond the column it does not matter how far
        decimal first = Math.Max(least, Math.Max(Math.Ceiling(Near(c.Minimum ?? least)), Math.Floor(Near(c.ExclusiveMinimum ?? least - 1)) + 1));
        decimal last = Math.Min(most, Math.Min(Math.Floor(Near(c.Maximum ?? most)), Math.Ceiling(Near(c.ExclusiveMaximum ?? most + 1)) - 1));
        if (first > last)
            entry.Error($"The demands on '{judged.Path}' cannot be met: no whole number of a column of type {judged.ColumnType.SqlName()} lies within its bounds.", "logicalTypeOptions");
    }

    static (BsonType Type, byte[] Value)? AsValue(Field field, string value)
    {
        var document = field.ColumnType switch
        {
            ColumnType.Text when field.Accepted.Contains(BsonType.String) => Bson.Make(w => w.Write("v", value)),
            ColumnType.Integer or ColumnType.BigInt or ColumnType.Double or ColumnType.Numeric => Number(value),
            _ => Bson.Make(w => w.WriteNull("v")), // no other rule speaks of its values
        };
        if (document is null)
            return null;
        var reader = new BsonReader(document);
        reader.Read();
        return (reader.Type, reader.Value.ToArray());
    }

    static byte[]? Number(string value)
    {
        try
        {
            var number = Decimal128.Parse(value);
            return Bson.Make(w => w.Write("v", number));
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }
}
