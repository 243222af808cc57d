using System.Globalization;
using System.Text.RegularExpressions;
using Etl.Contracts;
using Etl.Documents;
using Quality.Initialisation;
using ValueType = Quality.Initialisation.ValueType;

namespace Quality.External;

/// <summary>Describes a field as the column that somebody made of it, with the tolerance that the column's own type makes necessary.</summary>
internal static partial class ColumnFit
{
    static readonly BsonType[] Numbers = [BsonType.Int32, BsonType.Int64, BsonType.Double, BsonType.Decimal128], Texts = [BsonType.String, BsonType.ObjectId];

    /// <param name="type">Of the column, without length and precision.</param>
    /// <param name="declared">With them.</param>
    /// <returns>Null: a column of that type cannot be compared with such values.</returns>
    public static DescribedField? Of(DescribedField field, string type, string declared)
    {
        bool isArray = type.EndsWith("[]", StringComparison.Ordinal);
        string element = isArray ? type[..^2] : type;
        bool isJson = element is "json" or "jsonb";
        if (field.Kind != FieldKind.Value && !isJson || isArray && !field.IsArray && field.Seen.Values > 0 || !isArray && field.IsArray && !isJson)
            return null;
        var seen = isArray && field.Seen.Elements is { } elements ? elements : field.Seen;
        if (ValueOf(seen, element) is not { } value)
            return null;
        var fitted = new DescribedField(field.Seen) { Type = value, IsArray = isArray, IsPersonal = field.IsPersonal || field.All.Any(f => f.IsPersonal) };
        fitted.Notes.AddRange(field.Notes);
        if (isJson)
        {
            fitted.More.Add(("json", "plain"));
            fitted.Doubts.Add("compared as plain JSON; ObjectIds, dates and the like in it only where the column has them in the form of Extended JSON");
        }
        else if (!isArray)
            AddCloseness(fitted, seen, element, declared);
        return fitted;
    }

    static ValueType? ValueOf(ObservedField seen, string element)
    {
        bool Only(params BsonType[] types) => seen.TypesSeen.All(types.Contains);
        return element switch
        {
            "text" or "character varying" or "character" or "name" or "citext" or "enum" when Only(Texts) => ValueType.Of(seen) ?? new("string"),
            "uuid" when seen.OtherBinaries == 0 && Only(BsonType.Binary) => new("string", "uuid"),
            "uuid" when Only(BsonType.String) => new("string"),
            "smallint" or "integer" when Only(Numbers) => new("integer", "int"),
            "bigint" when Only(Numbers) => new("integer", "long"),
            "numeric" when Only(Numbers) => new("number"),
            "double precision" or "real" when Only(Numbers) => new("number", "double"),
            "boolean" when Only(BsonType.Boolean) => new("boolean"),
            "timestamp with time zone" or "timestamp without time zone" or "date" when Only(BsonType.DateTime) => new("timestamp", "date"),
            "bytea" when Only(BsonType.Binary) => new("string", "binData"),
            "json" or "jsonb" => ValueType.Jsonb,
            _ => null,
        };
    }

    static void AddCloseness(DescribedField fitted, ObservedField seen, string element, string declared)
    {
        if (element is "timestamp without time zone" or "date")
        {
            fitted.More.Add(("columnZone", "UTC"));
            fitted.Doubts.Add($"its column is {declared}, which does not say where its times were written: UTC is a guess");
        }
        if (element == "date")
            fitted.More.Add(("precision", "d"));
        else if (element.StartsWith("timestamp", StringComparison.Ordinal) && Digits().Match(declared) is { Success: true } digits && digits.Groups[1].Value[0] < '3')
            fitted.More.Add(("precision", "s"));
        else if (element == "numeric" && Scale().Match(declared) is { Success: true } scale && seen.TypesSeen.Any(t => t is BsonType.Double or BsonType.Decimal128))
        {
            decimal half = 0.5m;
            for (int i = int.Parse(scale.Groups[1].Value, CultureInfo.InvariantCulture); i > 0 && half > 1e-27m; i--)
                half /= 10;
            fitted.More.Add(("tolerance", half.ToString("0.############################", CultureInfo.InvariantCulture)));
            fitted.Doubts.Add($"its column is {declared}, which rounds: half of its last digit is tolerated");
        }
        else if (element == "real")
            fitted.Doubts.Add("its column is real, which keeps 6 digits: give it a tolerance");
        if (element == "uuid" && fitted.Type is { Physical: "" })
            fitted.Doubts.Add("its column is uuid: texts that are written otherwise than PostgreSQL writes them differ; customProperty case: lower helps");
        if (element is "character" or "citext")
            fitted.Doubts.Add($"its column is {declared}: {(element == "citext" ? "letters that differ in case differ here" : "PostgreSQL takes blanks at the end away; customProperty trim does so on both sides")}");
    }

    [GeneratedRegex(@"^timestamp\(([0-9])\)", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    [GeneratedRegex(@"^numeric\([0-9]+,([0-9]+)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Scale();
}
