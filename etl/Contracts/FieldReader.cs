using Etl.Documents;

namespace Etl.Contracts;

/// <summary>Reads the properties of one schema entry into fields.</summary>
/// <param name="isExternal">Somebody else fills the tables.</param>
internal sealed class FieldReader(bool isExternal)
{
    static readonly string[] Known =
    [
        "id", "name", "physicalType", "physicalName", "description", "businessName", "authoritativeDefinitions", "tags", "customProperties",
        "primaryKey", "primaryKeyPosition", "logicalType", "logicalTypeOptions", "required", "unique", "partitioned", "partitionKeyPosition",
        "classification", "encryptedName", "transformSourceObjects", "transformLogic", "transformDescription", "examples", "criticalDataElement",
        "relationships", "quality", "properties", "items",
    ];

    /// <summary>What stands around a property: its path, and what it takes over from there.</summary>
    readonly record struct Place(string Path, bool IsPersonal, bool Warns)
    {
        public string Of(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
    }

    /// <summary>Dotted paths of the timestamp fields, without <c>[]</c>: what a dataset can be partitioned by.</summary>
    public IEnumerable<string> Dates => DateFields.Select(f => f.Path.Replace("[]", ""));

    public List<Field> DateFields { get; } = [];

    /// <summary>Stands for a name that is missing, so that what else is wrong is found, too.</summary>
    public const string Unnamed = "(unnamed)";

    /// <summary>Every property's path, and those of the elements of arrays: what violations and plans know places by.</summary>
    readonly HashSet<string> paths = [];

    /// <summary>Quality rules that the warehouse must answer, with the field they are about.</summary>
    public List<(Field Field, QualityRule Rule)> ForWarehouse { get; } = [];

    /// <summary>What fields refer to.</summary>
    public List<(Field Field, YamlView At)> Relationships { get; } = [];

    /// <param name="warns">What the dataset's onViolation says.</param>
    public IReadOnlyList<Field> ReadAll(YamlView dataset, IReadOnlyList<string> mustExist, bool warns) =>
        ReadAll(dataset, new Place("", false, warns), mustExist);

    IReadOnlyList<Field> ReadAll(YamlView parent, Place around, IReadOnlyList<string> mustExist)
    {
        var fields = new List<Field>();
        foreach (var entry in parent.Maps("properties", "a property"))
        {
            entry.Only(Known);
            string name = entry.Required("name");
            if (name.Length == 0)
                name = Unnamed;
            else if (fields.Any(f => f.Name == name))
                entry.Error($"Property '{name}' stands twice.", "name");
            else if (!paths.Add(around.Of(name)))
                entry.Error(TwoProperties(around.Of(name)), "name");
            if (name.Contains('\0'))
                entry.Error("The name of a property holds NUL, which no name in a document can.", "name");
            fields.Add(Read(entry, name, around, mustExist.Contains(name)));
        }
        foreach (string name in mustExist.Where(n => fields.All(f => f.Name != n)))
            parent.Error($"'{name}' must exist, but is not described.{Names.DidYouMean(name, [.. fields.Select(f => f.Name)])}");
        foreach (var position in fields.Where(f => f.KeyPosition > 1).GroupBy(f => f.KeyPosition).Where(g => g.Count() > 1))
            parent.Error($"primaryKeyPosition {position.Key} is given {position.Count()} times: {string.Join(", ", position.Select(f => f.Name))}.");
        return fields;
    }

    static string TwoProperties(string path) =>
        $"'{path}' is the path of two places, because a name has a dot or brackets in it: they could not be told apart. Leave one of them out, or keep what is around it with columnType jsonb.";

    Field Read(YamlView entry, string name, Place around, bool mustExist)
    {
        string path = around.Of(name), logicalType = entry.Required("logicalType");
        var custom = entry.Custom(["column", "table", "shared", "inherit", "columnType", "acceptedTypes", "uuidOrder", "json", "onViolation", "identity", .. CleaningReader.Properties, .. ClosenessReader.Properties]);
        var items = logicalType == "array" ? entry.Map("items", "the items of an array")?.Only(Known) : null;
        string itemType = items?.Required("logicalType") ?? "";
        bool asJson = custom.Text("columnType") == ColumnType.Jsonb.SqlName();
        var kind = asJson ? FieldKind.Value
            : logicalType == "object" ? FieldKind.Object
            : logicalType == "array" && itemType == "object" ? FieldKind.Rows
            : FieldKind.Value;
        if (logicalType == "array" && items is null && !asJson)
            entry.Error($"Array '{path}' needs 'items', or columnType jsonb.");
        if (items is not null && name != Unnamed && !paths.Add(path + "[]"))
            entry.Error(TwoProperties(path + "[]"), "name");

        var inside = new Place(path, around.IsPersonal || IsPersonal(entry) || items is not null && IsPersonal(items), WarnsBy(custom) ?? around.Warns);
        var children = kind switch
        {
            FieldKind.Object => ReadAll(entry, inside, MustExistIn(entry)),
            FieldKind.Rows => ReadAll(items!, inside with { Path = path + "[]" }, MustExistIn(items!)),
            _ => [],
        };
        bool isArray = kind == FieldKind.Value && logicalType == "array" && !asJson;
        var time = CleaningReader.Time(custom, logicalType, path);
        var (type, accepted) = kind != FieldKind.Value ? (default, new HashSet<BsonType>())
            : FieldTypes.Of(entry, custom, path, isArray ? itemType : logicalType, (isArray ? items?.Text("physicalType") : entry.Text("physicalType")) ?? "", time);
        Misplaced.Report(entry, custom, items, kind, asJson, isArray, path);

        bool key = entry.Flag("primaryKey");
        if (key && (kind != FieldKind.Value || isArray || type == ColumnType.Jsonb))
            entry.Error($"'{path}' cannot be a key: a key is a single value.", "primaryKey");
        string? column = custom.Text("column");
        if (key && column == "none")
            entry.Error($"'{path}' is a key and needs a column.");
        var (constraints, forWarehouse) = ConstraintReader.WithQuality(ConstraintReader.Read(entry, logicalType, kind, path), entry, path);
        var field = new Field
        {
            Name = name,
            Path = path,
            Kind = kind,
            Description = entry.Text("description") ?? "",
            Column = column == "none" || kind != FieldKind.Value ? null : column ?? "",
            ColumnType = type,
            IsArray = isArray,
            Accepted = accepted,
            IsPlainJson = IsPlainJson(custom, asJson, path),
            LegacyUuid = LegacyUuidOf(custom, kind == FieldKind.Value ? type : default, path),
            PhysicalType = entry.Text("physicalType") ?? "",
            KeyPosition = KeyPosition(entry, key),
            Cleaning = kind == FieldKind.Value && !isArray ? CleaningReader.Read(custom, type, accepted, time, path) : null,
            Time = time,
            Closeness = ClosenessReader.Read(custom, isExternal, kind == FieldKind.Value && !isArray ? type : null, key, path),
            IsContentHash = IsContentHash(custom, key, type, around, path),
            Unique = entry.Flag("unique") && !key,
            Inherit = custom.Flag("inherit"),
            IsPersonal = inside.IsPersonal,
            Constraints = constraints with { Required = key || entry.Flag("required"), MustExist = mustExist },
            Warns = inside.Warns && !key,
            Items = isArray || kind == FieldKind.Rows ? ItemsOf(items, itemType, inside, kind, type, accepted, children) : null,
            TableName = kind == FieldKind.Value ? null : TableOf(custom) ?? (kind == FieldKind.Rows ? Identifier.SnakeCase(name) : null),
            IsShared = custom.Flag("shared"),
            Children = children,
        };
        if (field.Column is null && field.Kind == FieldKind.Value && field.Unique)
            entry.Error($"'unique' of '{path}' is asked of the warehouse, which has no column of it.", "unique");
        if (field.Column is null && forWarehouse.Count > 0)
            entry.Error($"Quality rules of '{path}' are for the warehouse, which has no column of it. Only invalidValues with mustBe 0 needs none.", "quality");
        if (type == ColumnType.Timestamp && kind == FieldKind.Value)
            DateFields.Add(field);
        Misplaced.ReportValidValues(entry, field);
        Misplaced.ReportDemands(entry, field);
        CleaningReader.Report(custom, field);
        Relationships.AddRange(entry.Maps("relationships", "a relationship").Select(at => (field, at)));
        ForWarehouse.AddRange(forWarehouse.Select(rule => (field, rule)));
        return field;
    }

    /// <summary>The elements of an array, with the demands on each.</summary>
    static Field ItemsOf(YamlView? items, string itemType, Place array, FieldKind kind, ColumnType type, IReadOnlySet<BsonType> accepted, IReadOnlyList<Field> children)
    {
        string path = array.Path + "[]";
        var constraints = Constraints.None;
        if (items is not null)
        {
            (constraints, var forWarehouse) = ConstraintReader.WithQuality(ConstraintReader.Read(items, itemType, FieldKind.Object, path), items, path);
            if (forWarehouse.Count > 0)
                items.Error($"Of the elements of '{array.Path}' only invalidValues with mustBe 0 can be demanded.", "quality");
            if (items.Flag("unique"))
                items.Error($"That no element of '{array.Path}' stands twice is said by logicalTypeOptions.uniqueItems of the array.", "unique");
        }
        return new Field
        {
            Name = path[(path.LastIndexOf('.') + 1)..],
            Path = path,
            Kind = kind == FieldKind.Rows ? FieldKind.Object : FieldKind.Value,
            ColumnType = type,
            Accepted = accepted,
            IsPersonal = array.IsPersonal,
            Warns = array.Warns,
            Children = children,
            // An element that is no document gives no row: it is refused whatever the contract says of its absence.
            Constraints = constraints with { Required = kind == FieldKind.Rows || items?.Flag("required") == true },
        };
    }

    /// <summary>Whether the field is no element of the document, but made of its content.</summary>
    static bool IsContentHash(YamlView custom, bool key, ColumnType type, Place around, string path)
    {
        switch (custom.Text("identity"))
        {
            case null:
                return false;
            case "contentHash":
                if (!key || type != ColumnType.BigInt || around.Path.Length > 0)
                    custom.Error($"'{path}' is made of the document's content: it is its primaryKey, at the top level, with logicalType integer (bigint).", "identity");
                return true;
            case var other:
                custom.Error($"identity of '{path}' must be contentHash, not '{other}'.", "identity");
                return false;
        }
    }

    static int KeyPosition(YamlView entry, bool key)
    {
        decimal position = entry.Number("primaryKeyPosition") ?? -1; // the standard's way to say nothing
        if (position != -1 && (position < 1 || !decimal.IsInteger(position) || position > 100))
            entry.Error($"primaryKeyPosition is a whole number from 1 to 100, not {position}.", "primaryKeyPosition");
        else if (position != -1 && !key)
            entry.Error("primaryKeyPosition without primaryKey: true says nothing.", "primaryKeyPosition");
        return key ? (int)Math.Clamp(position, 1, 100) : 0;
    }

    /// <summary>Whether customProperties let a document pass with a warning; null where they do not say.</summary>
    public static bool? WarnsBy(YamlView custom)
    {
        switch (custom.Text("onViolation"))
        {
            case null:
                return null;
            case "warn":
                return true;
            case "quarantine":
                return false;
            case var other:
                custom.Error($"onViolation must be quarantine or warn, not '{other}'.", "onViolation");
                return null;
        }
    }

    static bool IsPlainJson(YamlView custom, bool asJson, string path)
    {
        if (custom.Text("json") is not { } form)
            return false;
        if (!asJson)
            custom.Error($"customProperty 'json' does not go with '{path}': it says how a jsonb is written.", "json");
        if (form is not ("plain" or "extended"))
            custom.Error($"json of '{path}' must be plain or extended, not '{form}'.", "json");
        return form == "plain";
    }

    static LegacyUuid LegacyUuidOf(YamlView custom, ColumnType type, string path)
    {
        if (custom.Text("uuidOrder") is not { } name)
            return LegacyUuid.None;
        if (type != ColumnType.Uuid)
            custom.Error($"customProperty 'uuidOrder' does not go with '{path}': only a uuid has it.", "uuidOrder");
        string[] known = [.. Enum.GetNames<LegacyUuid>().Skip(1).Select(n => n.ToLowerInvariant())];
        int index = Array.IndexOf(known, name);
        if (index < 0)
            custom.Error($"uuidOrder of '{path}' must be {string.Join(", ", known)}, not '{name}'.{Names.DidYouMean(name, known)}", "uuidOrder");
        return (LegacyUuid)(index + 1);
    }

    /// <summary>The table that customProperties name; empty for <c>none</c>, null where they say nothing.</summary>
    public static string? TableOf(YamlView custom) => custom.Text("table") is { } table ? table == "none" ? "" : table : null;

    static bool IsPersonal(YamlView entry) => entry.Text("classification")?.ToLowerInvariant() is "pii" or "personal";

    static IReadOnlyList<string> MustExistIn(YamlView entry) =>
        entry.Map("logicalTypeOptions", "the options of an object")?.Texts("required") ?? [];
}
