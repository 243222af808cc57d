using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Quality.External;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.External;

/// <summary>docs/external.md says which types of columns are read as which: they are, and no others.</summary>
public sealed class Columns_of_other_types
{
    const string Uuid = "6f1c1a3e-0000-4000-8000-00000000000f";

    static async Task<ExternalTable> CompareAsync(string database, string logicalType, string custom, string sqlType, string sqlValue, Action<BsonWriter> write)
    {
        string connection = await Postgres.DatabaseAsync(database);
        await Postgres.ExecuteAsync(connection, "CREATE TYPE state AS ENUM ('open'); CREATE DOMAIN price AS numeric(10,2)");
        await Postgres.ExecuteAsync(connection, $"CREATE TABLE things (id bigint, v {sqlType}); INSERT INTO things VALUES (1, {sqlValue}), (2, NULL)");
        string file = Path.Combine(Scratch.Folder("types"), ContractReader.FileName);
        File.WriteAllText(file, $$"""
            apiVersion: v3.1.0
            kind: DataContract
            id: urn:test
            name: test
            version: 1.0.0
            status: active
            servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }, { property: database, value: d }] }]
            customProperties: [{ property: external, value: true }, { property: warehouseSchema, value: public }]
            schema:
              - name: things
                properties:
                  - { name: _id, logicalType: integer, primaryKey: true }
                  - { name: v, {{logicalType}}{{(custom.Length > 0 ? $", customProperties: [{custom}]" : "")}} }
            """);
        var contract = ContractReader.Read(file);
        await using var source = new MemorySource().Create("things");
        source.Put("things", Bson.Make(w => write(w.Write("_id", 1))));
        source.Put("things", Bson.Make(w => w.Write("_id", 2)));
        await using var warehouse = new Warehouse(connection);
        return Assert.Single(await new ExternalReconciler(source, warehouse).RunAsync(contract.Datasets, new ReconcileOptions(), CancellationToken.None));
    }

    public static readonly TheoryData<string, string, string, string, string> Exact = new()
    {
        { "logicalType: string", "", "text", "'open'", """{"v":"open"}""" },
        { "logicalType: string", "", "varchar(10)", "'open'", """{"v":"open"}""" },
        { "logicalType: string", "", "char(10)", "'open'", """{"v":"open"}""" },
        { "logicalType: string", "", "name", "'open'", """{"v":"open"}""" },
        { "logicalType: string", "", "state", "'open'", """{"v":"open"}""" },
        { "logicalType: string", "", "uuid", $"'{Uuid}'", $$"""{"v":"{{Uuid}}"}""" },
        { "logicalType: boolean", "", "boolean", "true", """{"v":true}""" },
        { "logicalType: integer, physicalType: int", "", "smallint", "7", """{"v":7}""" },
        { "logicalType: integer", "", "smallint", "7", """{"v":7}""" },
        { "logicalType: integer", "", "integer", "7", """{"v":7}""" },
        { "logicalType: number", "", "numeric(10,4)", "7.5", """{"v":7.50}""" },
        { "logicalType: number", "", "price", "7.5", """{"v":7.50}""" },
        { "logicalType: number", "", "bigint", "7", """{"v":7}""" },
        { "logicalType: number, physicalType: double", "", "real", "7.5", """{"v":{"$numberDouble":"7.5"}}""" },
        { "logicalType: number, physicalType: double", "", "integer", "7", """{"v":7}""" },
        { "logicalType: timestamp", "", "timestamptz(3)", "'2024-06-01T10:00:00.5Z'", """{"v":{"$date":"2024-06-01T10:00:00.500Z"}}""" },
        { "logicalType: timestamp", "{ property: columnZone, value: Europe/Berlin }", "timestamp", "'2024-06-01 12:00:00.5'", """{"v":{"$date":"2024-06-01T10:00:00.500Z"}}""" },
        { "logicalType: timestamp", "{ property: columnZone, value: UTC }, { property: precision, value: d }", "date", "'2024-06-01'", """{"v":{"$date":"2024-06-01T10:00:00.500Z"}}""" },
        { "logicalType: object", "{ property: columnType, value: jsonb }, { property: json, value: plain }", "json", """'{"b": 1, "a": [2.50]}'""", """{"v":{"a":[2.5],"b":1}}""" },
        { "logicalType: array, items: { logicalType: string }", "", "varchar(10)[]", "'{a,NULL}'", """{"v":["a",null]}""" },
        { "logicalType: array, items: { logicalType: integer }", "", "integer[]", "'{1,2}'", """{"v":[1,2]}""" },
    };

    [Theory, MemberData(nameof(Exact))]
    public async Task Are_read_as_the_mapping_has_them(string logicalType, string custom, string sqlType, string sqlValue, string document)
    {
        var table = await CompareAsync("external_types", logicalType, custom, sqlType, sqlValue, Value(document));
        Assert.Null(table.Result.Reason);
        Assert.Equal((Verdict.Reconciled, 2L), (table.Result.Verdict, table.Result.Matched));
    }

    [Theory]
    [InlineData("logicalType: integer, physicalType: int", "bigint", "7", "is bigint, which is not exactly integer, as the mapping makes it. Map it as bigint.")]
    [InlineData("logicalType: number", "double precision", "7", "is double precision, which is not exactly numeric, as the mapping makes it. Map it as double precision.")]
    [InlineData("logicalType: integer", "text", "'7'", "is text, which is not exactly bigint, as the mapping makes it. Map it as text.")]
    [InlineData("logicalType: integer", "bigint[]", "'{7}'", "is bigint[], which is not exactly bigint, as the mapping makes it.")]
    [InlineData("logicalType: timestamp", "timestamp", "now()", "is timestamp without time zone: say by customProperty columnZone where its times were written")]
    [InlineData("logicalType: string", "money", "7", "is money, which is not exactly text")]
    public async Task Are_named_where_they_are_others(string logicalType, string sqlType, string sqlValue, string reason)
    {
        var table = await CompareAsync("external_misfits", logicalType, "", sqlType, sqlValue, w => w.Write("v", 7));
        Assert.Equal(Verdict.Unknown, table.Result.Verdict);
        Assert.Contains(reason, table.Result.Reason);
    }

    static Action<BsonWriter> Value(string json) => w =>
    {
        var reader = new BsonReader(ExtendedJson.Parse(json));
        reader.Read();
        w.WriteElement(reader);
    };
}
