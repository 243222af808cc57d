using System.Globalization;
using System.Text.RegularExpressions;
using Etl.Documents;

namespace Etl.Contracts;

/// <summary>Reads the properties of one schema entry into fields.</summary>
internal sealed class FieldReader
{
    static readonly string[] Known =
    [
        "id", "name", "physicalType", "physicalName", "description", "businessName", "authoritativeDefinitions", "tags", "customProperties",
        "primaryKey", "primaryKeyPosition", "logicalType", "logicalTypeOptions", "required", "unique", "partitioned", "partitionKeyPosition",
        "classification", "encryptedName", "transformSourceObjects", "transformLogic", "transformDescription", "examples", "criticalDataElement",
        "relationships", "quality", "properties", "items",
    ];

    /// <summary>Dotted paths of the timestamp fields, without <c>[]</c>: what a dataset can be partitioned by.</summary>
    public List<string> Dates { get; } = [];

    /// <param name="personal">What stands in something personal is personal.</param>
    public IReadOnlyList<Field> ReadAll(YamlView parent, string path, IReadOnlyList<string> mustExist, bool personal = false)
    {
        var fields = new List<Field>();
        foreach (var entry in parent.Maps("properties", "a property"))
        {
            entry.Only(Known);
            string name = entry.Required("name");
            if (name.Length == 0)
                continue;
            if (fields.Any(f => f.Name == name))
                entry.Error($"Property '{name}' stands twice.", "name");
            fields.Add(Read(entry, name, path.Length == 0 ? name : $"{path}.{name}", mustExist.Contains(name), personal));
        }
        foreach (string name in mustExist.Where(n => fields.All(f => f.Name != n)))
            parent.Error($"'{name}' must exist, but is not described.{Names.DidYouMean(name, [.. fields.Select(f => f.Name)])}");
        return fields;
    }

    Field Read(YamlView entry, string name, string path, bool mustExist, bool personal)
    {
        string logicalType = entry.Required("logicalType");
        string physicalType = entry.Text("physicalType") ?? "";
        var custom = entry.Custom("column", "table", "shared", "inherit", "columnType", "acceptedTypes");
        var items = logicalType == "array" ? entry.Map("items", "the items of an array")?.Only(Known) : null;
        string itemType = items?.Required("logicalType") ?? "";
        bool wantsJson = custom.Text("columnType") == ColumnType.Jsonb.SqlName();
        var kind = wantsJson ? FieldKind.Value
            : logicalType == "object" ? FieldKind.Object
            : logicalType == "array" && itemType == "object" ? FieldKind.Rows
            : FieldKind.Value;
        if (logicalType == "array" && items is null && !wantsJson)
            entry.Error($"Array '{path}' needs 'items', or columnType jsonb.");

        personal |= IsPersonal(entry) || items is not null && IsPersonal(items);
        var children = kind switch
        {
            FieldKind.Object => ReadAll(entry, path, MustExistIn(entry), personal),
            FieldKind.Rows => ReadAll(items!, path + "[]", MustExistIn(items!), personal),
            _ => [],
        };
        bool isArray = kind == FieldKind.Value && logicalType == "array" && !wantsJson;
        var (type, accepted) = kind != FieldKind.Value ? (default, new HashSet<BsonType>())
            : FieldTypes.Of(entry, custom, path, isArray ? itemType : logicalType, isArray ? items?.Text("physicalType") ?? "" : physicalType);
        if (type == ColumnType.Timestamp && kind == FieldKind.Value)
            Dates.Add(path.Replace("[]", ""));
        if (isArray && items is not null)
            RefuseDemandsOnElements(entry, items, path);
        bool key = entry.Flag("primaryKey");
        if (key && (kind != FieldKind.Value || isArray || type == ColumnType.Jsonb))
            entry.Error($"'{path}' cannot be a key: a key is a single value.", "primaryKey");
        string? column = custom.Text("column");
        if (key && column == "none")
            entry.Error($"'{path}' is a key and needs a column.");
        return new Field
        {
            Name = name,
            Path = path,
            Kind = kind,
            Description = entry.Text("description") ?? "",
            Column = column == "none" || kind != FieldKind.Value ? null : column ?? "",
            ColumnType = type,
            IsArray = isArray,
            Accepted = accepted,
            PhysicalType = physicalType,
            KeyPosition = key ? Math.Max(1, entry.Count("primaryKeyPosition") ?? 1) : 0,
            Unique = entry.Flag("unique") && !key,
            Inherit = custom.Flag("inherit"),
            IsPersonal = personal,
            Constraints = ReadConstraints(entry, logicalType, path, key, mustExist),
            TableName = kind == FieldKind.Value ? null : TableOf(custom) ?? (kind == FieldKind.Rows ? Identifier.SnakeCase(name) : null),
            IsShared = custom.Flag("shared"),
            Children = children,
        };
    }

    /// <summary>What would not be enforced must not be written: an array's elements are checked for their type alone.</summary>
    static void RefuseDemandsOnElements(YamlView entry, YamlView items, string path)
    {
        foreach (string demand in (string[])["logicalTypeOptions", "quality", "required", "unique"])
            if (items.Has(demand))
                items.Error($"'{demand}' of the elements of array '{path}' is not supported. Supported on the array itself: minItems and maxItems.", demand);
        if (entry.Has("quality"))
            entry.Error($"Quality rules of array '{path}' are not supported.", "quality");
    }

    /// <summary>The table that customProperties name; empty for <c>none</c>, null where they say nothing.</summary>
    public static string? TableOf(YamlView custom) => custom.Text("table") is { } table ? table == "none" ? "" : table : null;

    static bool IsPersonal(YamlView entry) => entry.Text("classification")?.ToLowerInvariant() is "pii" or "personal";

    static IReadOnlyList<string> MustExistIn(YamlView entry) =>
        entry.Map("logicalTypeOptions", "the options of an object")?.Only("required").Texts("required") ?? [];

    static Constraints ReadConstraints(YamlView entry, string logicalType, string path, bool key, bool mustExist)
    {
        var constraints = new Constraints { Required = key || entry.Flag("required"), MustExist = mustExist, ValidValues = ReadValidValues(entry, path) };
        if (entry.Map("logicalTypeOptions", $"the options of {path}") is not { } options)
            return constraints;
        switch (logicalType)
        {
            case "string":
                options.Only("minLength", "maxLength", "pattern", "format");
                return constraints with
                {
                    MinLength = options.Count("minLength"),
                    MaxLength = options.Count("maxLength"),
                    Pattern = ReadPattern(options, path),
                    Format = ReadFormat(options, path),
                };
            case "integer" or "number":
                options.Only("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");
                return constraints with
                {
                    Minimum = options.Number("minimum"),
                    Maximum = options.Number("maximum"),
                    ExclusiveMinimum = options.Number("exclusiveMinimum"),
                    ExclusiveMaximum = options.Number("exclusiveMaximum"),
                };
            case "date" or "timestamp":
                options.Only("minimum", "maximum", "timezone", "defaultTimezone");
                return constraints with { Earliest = ReadDate(options, "minimum"), Latest = ReadDate(options, "maximum") };
            case "array":
                options.Only("minItems", "maxItems");
                return constraints with { MinItems = options.Count("minItems"), MaxItems = options.Count("maxItems") };
            case "boolean":
                options.Only();
                break;
        }
        return constraints;
    }

    static string? ReadPattern(YamlView options, string path)
    {
        if (options.Text("pattern") is not { } pattern)
            return null;
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return pattern;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            options.Error($"The pattern of '{path}' cannot be used: {e.Message}", "pattern");
            return null;
        }
    }

    static string? ReadFormat(YamlView options, string path)
    {
        if (options.Text("format") is not { } format)
            return null;
        if (!Formats.Known.Contains(format))
            options.Error($"Format '{format}' of '{path}' is not known.{Names.DidYouMean(format, [.. Formats.Known])}", "format");
        return format;
    }

    static DateTimeOffset? ReadDate(YamlView options, string key)
    {
        if (options.Text(key) is not { } text)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
            return value;
        options.Error($"'{key}' must be a date or time in ISO 8601, not '{text}'.", key);
        return null;
    }

    static IReadOnlyList<string>? ReadValidValues(YamlView entry, string path)
    {
        IReadOnlyList<string>? values = null;
        foreach (var rule in entry.Maps("quality", "a quality rule"))
        {
            if (rule.Text("metric") != "invalidValues")
            {
                rule.Error($"The quality rule of '{path}' is not supported. Supported: metric invalidValues with arguments.validValues and mustBe 0.");
                continue;
            }
            values = rule.Map("arguments", "the arguments of a quality rule")?.Only("validValues").Texts("validValues");
            if (values is null or [])
                rule.Error($"The rule invalidValues of '{path}' needs arguments.validValues.");
            if (rule.Number("mustBe") is not 0)
                rule.Error($"The rule invalidValues of '{path}' needs 'mustBe: 0': a value is valid or its document is refused.", "mustBe");
        }
        return values;
    }
}
