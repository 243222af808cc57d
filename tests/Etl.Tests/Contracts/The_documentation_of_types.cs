using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Validation;

namespace Etl.Tests.Contracts;

/// <summary>docs/types.md says what the code does: its tables are read and asked of the code, row by row.</summary>
public sealed class The_documentation_of_types
{
    /// <summary>The rows of the table whose header begins with these words, a list of cells each, code marks left in.</summary>
    static List<string[]> Table(string header)
    {
        var lines = File.ReadLines(Path.Combine(Repository, "docs", "types.md")).SkipWhile(l => !l.StartsWith($"| {header}", StringComparison.Ordinal)).Skip(2);
        return [.. lines.TakeWhile(l => l.StartsWith('|')).Select(l => l.Trim('|', ' ').Split(" | ").Select(c => c.Trim().TrimEnd('|').Trim()).ToArray())];
    }

    static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Quality.sln")))
                folder = folder.Parent!;
            return folder.FullName;
        }
    }

    static IEnumerable<string> Marked(string cell) => cell.Split('`').Where((_, i) => i % 2 == 1);

    static readonly (string Alias, Action<BsonWriter> Write)[] Samples =
    [
        ("double", w => w.Write("v", 1.5)), ("string", w => w.Write("v", "x")), ("object", w => w.BeginDocument("v").Write("a", 1).End()),
        ("array", w => w.BeginArray("v").Write("", 1).End()), ("binData", w => w.WriteBinary("v", [1, 2])), ("binData", w => w.WriteBinary("v", new byte[16], 4)),
        ("undefined", w => w.WriteBare(BsonType.Undefined, "v")), ("objectId", w => w.WriteObjectId("v", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])), ("bool", w => w.Write("v", true)),
        ("date", w => w.WriteDateTime("v", 0)), ("null", w => w.WriteNull("v")), ("regex", w => w.WriteRegex("v", "x", "i")),
        ("dbPointer", w => w.WriteDbPointer("v", "c", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])), ("javascript", w => w.WriteText(BsonType.JavaScript, "v", "x")),
        ("symbol", w => w.WriteText(BsonType.Symbol, "v", "x")), ("javascriptWithScope", w => w.WriteCodeWithScope("v", "x", [5, 0, 0, 0, 0])), ("int", w => w.Write("v", 1)),
        ("timestamp", w => w.WriteTimestamp("v", 1ul << 32 | 2)), ("long", w => w.Write("v", 1L)), ("decimal", w => w.Write("v", Decimal128.Parse("1.50"))),
        ("maxKey", w => w.WriteBare(BsonType.MaxKey, "v")), ("minKey", w => w.WriteBare(BsonType.MinKey, "v")),
    ];

    static BsonReader At(byte[] document)
    {
        var reader = new BsonReader(document);
        Assert.True(reader.Read());
        return reader;
    }

    [Fact]
    public void Has_every_BSON_type_with_its_form_and_its_columns()
    {
        var rows = Table("BSON type");
        Assert.Equal(Enum.GetValues<BsonType>().Where(t => t != BsonType.EndOfDocument).Select(t => t.Alias()), rows.Select(r => Marked(r[0]).Single()));
        Assert.Equal(rows.Select(r => Marked(r[0]).Single()).Order(), Samples.Select(s => s.Alias).Distinct().Order());
        foreach (var row in rows)
        {
            string alias = Marked(row[0]).Single();
            var documents = Samples.Where(s => s.Alias == alias).Select(s => Bson.Make(s.Write)).ToArray();
            var first = At(documents[0]);
            Assert.Equal(alias, first.Type.Alias());
            Assert.Equal(Marked(row[1]).Single(), ExtendedJson.ValueToString(first.Type, first.Value, relaxed: false));
            if (row[2] == "NULL in every column")
                Assert.True(IsNull(documents[0]), alias);
            else
                Assert.Equal(Marked(row[2]), Enum.GetValues<ColumnType>().Where(c => documents.Any(d => Holds(c, d))).Select(c => c.SqlName()));
        }
    }

    static bool Holds(ColumnType column, byte[] document)
    {
        var value = At(document);
        return ValueEncoder.Write(value.Type, value.Value, column, new FieldBuffer()) != Fit.WrongType;
    }

    /// <summary>In the widest column there is.</summary>
    static bool IsNull(byte[] value)
    {
        var flattener = new Flattener(ContractText.Read(ContractText.Of("- { name: v, logicalType: object, customProperties: [{ property: columnType, value: jsonb }] }")).Datasets[0]);
        Assert.Null(flattener.Flatten(Bson.Make(w => w.Write("_id", 1).WriteElement(At(value)))));
        return flattener.Row(0)[^4..].SequenceEqual(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF });
    }

    [Fact]
    public void Has_every_logicalType_with_its_column_and_what_it_accepts()
    {
        var documented = new List<string>();
        foreach (var row in Table("logicalType").Where(r => r[0].StartsWith('`') && Marked(r[0]).First() is not "array"))
            foreach (string logical in Marked(row[0]))
                foreach (string physical in Marked(row[1]).Concat(row[1].Contains("none", StringComparison.Ordinal) ? [""] : Array.Empty<string>()))
                {
                    var field = ContractText.Read(ContractText.Of(Property(logical, physical))).Datasets[0].Root.Children[1];
                    Assert.Equal(Marked(row[2]).Single(), field.ColumnType.SqlName());
                    Assert.Equal(row[3].Split(", ").Order(), field.Accepted.Select(t => t.Alias()).Order());
                    documented.Add($"{logical} {physical}");
                }
        string[] physicalTypes = ["", "decimal", .. Enum.GetValues<BsonType>().Select(t => t.Alias()), "uuid"];
        var known = new[] { "string", "boolean", "integer", "number", "timestamp", "date", "time" }
            .SelectMany(logical => physicalTypes.Distinct().Where(physical => Record.Exception(() => ContractText.Read(ContractText.Of(Property(logical, physical)))) is null).Select(physical => $"{logical} {physical}"));
        Assert.Equal(known.Order(), documented.Order());
    }

    static string Property(string logical, string physical) => $"- {{ name: v, logicalType: {logical}{(physical.Length > 0 ? $", physicalType: {physical}" : "")} }}";

    [Fact]
    public void Names_rules_that_there_are()
    {
        var rules = typeof(RuleNames).GetFields().Select(f => (string)f.GetRawConstantValue()!).ToHashSet();
        var named = Table("BSON value").SelectMany(r => Marked(r[^1])).Where(m => char.IsLower(m[0]) && m != "jsonb").ToList();
        Assert.NotEmpty(named);
        Assert.All(named, rule => Assert.Contains(rule, rules));
    }

    /// <summary>docs/contracts.md explains every rule that can refuse a document for what its contract says.</summary>
    [Fact]
    public void Leaves_no_rule_of_a_contract_out()
    {
        string contracts = File.ReadAllText(Path.Combine(Repository, "docs", "contracts.md"));
        Assert.All(typeof(RuleNames).GetFields().Select(f => (string)f.GetRawConstantValue()!).Except([RuleNames.Malformed, RuleNames.DuplicateKey]),
            rule => Assert.Contains($"`{rule}`", contracts, StringComparison.Ordinal));
    }
}
