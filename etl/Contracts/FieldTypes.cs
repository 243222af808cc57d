using Etl.Documents;

namespace Etl.Contracts;

/// <summary>Which column a described value gets, and which types of value it may come as (docs/types.md).</summary>
internal static class FieldTypes
{
    static readonly BsonType[] Numbers = [BsonType.Int32, BsonType.Int64, BsonType.Double, BsonType.Decimal128];

    static readonly (string Logical, string Physical, ColumnType Column, BsonType[] Accepted)[] Defaults =
    [
        ("string", "", ColumnType.Text, [BsonType.String]),
        ("string", "string", ColumnType.Text, [BsonType.String]),
        ("string", "objectId", ColumnType.Text, [BsonType.ObjectId]),
        ("string", "uuid", ColumnType.Uuid, [BsonType.Binary]),
        ("string", "binData", ColumnType.Bytea, [BsonType.Binary]),
        ("boolean", "", ColumnType.Boolean, [BsonType.Boolean]),
        ("boolean", "bool", ColumnType.Boolean, [BsonType.Boolean]),
        ("integer", "", ColumnType.BigInt, Numbers),
        ("integer", "int", ColumnType.Integer, Numbers),
        ("integer", "long", ColumnType.BigInt, Numbers),
        ("number", "", ColumnType.Numeric, Numbers),
        ("number", "decimal", ColumnType.Numeric, Numbers),
        ("number", "double", ColumnType.Double, Numbers),
        ("timestamp", "", ColumnType.Timestamp, [BsonType.DateTime]),
        ("timestamp", "date", ColumnType.Timestamp, [BsonType.DateTime]),
        ("date", "", ColumnType.Timestamp, [BsonType.DateTime]),
        ("date", "date", ColumnType.Timestamp, [BsonType.DateTime]),
    ];

    /// <summary>The types of value that each column can hold exactly, or refuse value by value.</summary>
    static readonly Dictionary<ColumnType, BsonType[]> Possible = new()
    {
        [ColumnType.Text] = [BsonType.String, BsonType.ObjectId],
        [ColumnType.Boolean] = [BsonType.Boolean],
        [ColumnType.Integer] = Numbers,
        [ColumnType.BigInt] = Numbers,
        [ColumnType.Double] = Numbers,
        [ColumnType.Numeric] = Numbers,
        [ColumnType.Timestamp] = [BsonType.DateTime],
        [ColumnType.Uuid] = [BsonType.Binary],
        [ColumnType.Bytea] = [BsonType.Binary],
        [ColumnType.Jsonb] = [.. Enum.GetValues<BsonType>().Where(t => t is not (BsonType.EndOfDocument or BsonType.Null))],
    };

    public static (ColumnType Type, IReadOnlySet<BsonType> Accepted) Of(YamlView entry, YamlView custom, string path, string logicalType, string physicalType, TimeForm? time)
    {
        ColumnType? column = null;
        if (custom.Text("columnType") is { } name)
        {
            column = ColumnTypeSql.FromSqlName(name);
            if (column is null)
                entry.Error($"columnType '{name}' of '{path}' is not known.{Names.DidYouMean(name, [.. ColumnTypeSql.Names])}", "customProperties");
        }
        if (column == ColumnType.Jsonb)
            return (ColumnType.Jsonb, Accepted(entry, custom, path, ColumnType.Jsonb, Possible[ColumnType.Jsonb]));

        int index = Array.FindIndex(Defaults, d => d.Logical == logicalType && d.Physical == physicalType);
        if (index < 0 && logicalType.Length == 0)
            return (ColumnType.Text, new HashSet<BsonType>()); // its absence is reported already
        if (index < 0)
        {
            var physical = Defaults.Where(d => d.Logical == logicalType && d.Physical.Length > 0).Select(d => d.Physical).ToArray();
            entry.Error(physical.Length == 0
                ? $"logicalType '{logicalType}' of '{path}' is not supported.{Names.DidYouMean(logicalType, ["string", "boolean", "integer", "number", "timestamp", "date", "object", "array"])}"
                : $"physicalType '{physicalType}' of '{path}' does not go with logicalType '{logicalType}'. Known: {string.Join(", ", physical)}.", physical.Length == 0 ? "logicalType" : "physicalType");
            return (ColumnType.Text, new HashSet<BsonType>());
        }
        var (_, _, type, accepted) = Defaults[index];
        if (time is not null) // its form says what it may be
            return (ColumnType.Timestamp, time.UnitsPerSecond > 0 ? Numbers.ToHashSet() : [BsonType.String]);
        return (column ?? type, Accepted(entry, custom, path, column ?? type, accepted));
    }

    static HashSet<BsonType> Accepted(YamlView entry, YamlView custom, string path, ColumnType column, BsonType[] byDefault)
    {
        HashSet<BsonType> types = [.. byDefault];
        if (custom.Texts("acceptedTypes") is { } aliases)
        {
            types.Clear();
            foreach (string alias in aliases)
                if (BsonTypeNames.FromAlias(alias) is { } type)
                    types.Add(type);
                else
                    entry.Error($"acceptedTypes of '{path}': '{alias}' is not a BSON type.{Names.DidYouMean(alias, [.. Enum.GetValues<BsonType>().Select(t => t.Alias())])}", "customProperties");
        }
        foreach (var type in types.Where(t => !Possible[column].Contains(t)))
            entry.Error($"'{path}' may be {type.Alias()}, which a column of type {column.SqlName()} cannot hold.", "customProperties");
        return types;
    }
}
