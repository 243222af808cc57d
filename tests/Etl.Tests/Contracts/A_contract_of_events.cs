using Etl.Contracts;

namespace Etl.Tests.Contracts;

/// <summary>What a contract can say of events, of tables that follow from them, and of several servers.</summary>
public sealed class A_contract_of_events
{
    const string Head = """
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test
        name: test
        version: 1.0.0
        status: active
        servers:
          - { server: q, type: custom, customProperties: [{ property: kind, value: rabbitmq }, { property: url, value: "${QUEUE}" }] }
          - { server: f, type: custom, customProperties: [{ property: kind, value: files }, { property: folder, value: in }] }

        """;

    static string Of(string dataset, params string[] properties) => $"""
        {Head}schema:
          - name: things
            customProperties:
        {string.Join('\n', dataset.Split('\n').Select(l => "      " + l))}
            properties:
        {string.Join('\n', (properties.Length > 0 ? properties : Usual).Select(p => "      " + p))}
        """;

    static readonly string[] Usual =
    [
        "- { name: at, logicalType: timestamp, required: true, customProperties: [{ property: epoch, value: s }] }",
        "- { name: kind, logicalType: string }",
        "- { name: who, logicalType: integer, required: true }",
        "- { name: meta, logicalType: object, required: true, properties: [{ name: id, logicalType: string, primaryKey: true, required: true }] }",
    ];

    const string Events = "- { property: server, value: f }\n- { property: load, value: events }";

    [Fact]
    public void Has_a_key_inside_an_object_and_tables_that_follow()
    {
        var dataset = ContractText.Read(Of(Events + """

            - property: latest
              value: [{ table: now, key: [who], orderBy: [at], columns: { person: who, at: at } }]
            - property: history
              value:
                - { table: states, schema: other, key: [who], orderBy: [at], validFrom: at, deletedWhen: { column: kind, values: [gone] }, columns: [who, kind, meta_id] }
            """)).Datasets[0];
        Assert.Equal((true, false, "f"), (dataset.LoadsEvents, dataset.IsOrdered, dataset.Server.Name));
        Assert.Equal(["meta.id"], dataset.Key.Select(k => k.Path));
        Assert.Equal(["test.things", "test.now", "other.states"], dataset.AllTables.Select(t => t.QualifiedName));
        Assert.Equal(["meta_id"], dataset.RootTable.Key.Select(k => k.Name));
        Assert.Equal("person* at", Columns(dataset.Derived[0].Table));
        Assert.Equal(["at", "meta_id"], dataset.Derived[0].Order.Select(c => c.Name));
        Assert.Equal("meta_id* who kind valid_from valid_to is_valid is_deleted", Columns(dataset.Derived[1].Table));
        Assert.Equal(["who"], dataset.Derived[1].OwnEntity.Select(c => c.Name));
    }

    static string Columns(Table table) => string.Join(' ', table.Columns.Select(c => c.Name + (c.IsKey ? "*" : "")));

    [Fact]
    public void Names_its_servers()
    {
        var contract = ContractText.Read(Of("- { property: server, value: q }\n- { property: load, value: events }"));
        Assert.Equal(["rabbitmq", "files"], contract.Servers.Select(s => s.Kind));
        Assert.Equal("${QUEUE}", contract.Datasets[0].Server.Settings["url"]);
    }

    [Theory]
    [InlineData("- { property: load, value: events }", "Dataset 'things' must name its server: customProperty 'server' with one of q, f.")]
    [InlineData("- { property: server, value: g }", "Server 'g' of dataset 'things' is not described. Did you mean 'f' or 'q'?")]
    [InlineData("- { property: server, value: f }\n- { property: load, value: stream }", "'load' is 'snapshot' (the tables follow the source, also where something is gone) or 'events' (nothing is removed for being absent), not 'stream'.")]
    [InlineData("- { property: server, value: f }\n- { property: latest, value: [] }", "customProperty 'latest' of 'things' needs events: say load: events.")]
    [InlineData(Events + "\n- { property: latest, value: [{ table: now, key: [kind], orderBy: [at], columns: [kind] }] }", "'kind' may be NULL; as 'key' it must be required in the source.")]
    [InlineData(Events + "\n- { property: latest, value: [{ table: now, key: [whom], orderBy: [at], columns: [who] }] }", "'whom' is no column of things. Did you mean 'who'?")]
    [InlineData(Events + "\n- { property: latest, value: [{ table: now, key: [who], orderBy: [at], columns: [at] }] }", "'now' needs column 'who': it is part of its key.")]
    [InlineData(Events + "\n- { property: latest, value: [{ table: things, key: [who], orderBy: [at], columns: [who] }] }", "Table 'things' is already filled by another dataset.")]
    [InlineData(Events + "\n- { property: history, value: [{ table: h, key: [who], orderBy: [meta_id], validFrom: at, columns: [who, meta_id] }] }", "History 'h' is ordered by 'meta_id', but holds from 'at' on: states would overlap. Let orderBy begin with at.")]
    [InlineData(Events + "\n- { property: history, value: [{ table: h, key: [who], orderBy: [at], columns: [who, meta_id] }] }", "History 'h' needs validFrom: a timestamp of things from which on a state holds.")]
    [InlineData(Events + "\n- { property: deletes, value: soft }", "'deletes: soft' has no effect on 'things': of events nothing is removed.")]
    [InlineData(Events + "\n- { property: insertedAt, value: at }", "'at' cannot be the column of insertedAt: it is a column already, or Quality's own.")]
    public void Is_refused_where_it_says_what_cannot_be(string dataset, string expected) => Assert.Contains(ContractText.Errors(Of(dataset)), e => e.EndsWith(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("- { name: sk, logicalType: integer, primaryKey: true, customProperties: [{ property: identity, value: contentHash }] }", null)]
    [InlineData("- { name: sk, logicalType: string, primaryKey: true, customProperties: [{ property: identity, value: contentHash }] }", "'sk' is made of the document's content: it is its primaryKey, at the top level, with logicalType integer (bigint).")]
    [InlineData("- { name: sk, logicalType: integer, primaryKey: true, customProperties: [{ property: identity, value: hash }] }", "identity of 'sk' must be contentHash, not 'hash'.")]
    [InlineData("- { name: sk, logicalType: number, primaryKey: true }", "'sk' cannot be a key of 'things': a key is text, a whole number, a timestamp, a boolean, a uuid or bytes.")]
    public void May_have_its_content_as_identity(string key, string? expected)
    {
        if (expected is not null)
            Assert.Contains(ContractText.Errors(Of(Events, key)), e => e.EndsWith(expected, StringComparison.Ordinal));
        else
            Assert.True(ContractText.Read(Of(Events, key)).Datasets[0].Key[0].IsContentHash);
    }

    [Fact]
    public void Gives_one_table_a_dataset() =>
        Assert.Contains(ContractText.Errors(Of(Events, [.. Usual, "- { name: parts, logicalType: array, items: { logicalType: object, properties: [{ name: x, logicalType: string }] } }"])),
            e => e.EndsWith("Dataset 'things' gives 2 tables; of events each document is one row of one table. Keep arrays and objects with columnType jsonb, or as columns.", StringComparison.Ordinal));

    [Theory]
    [InlineData("string, customProperties: [{ property: case, value: title }]", "'case' of 'v' is lower or upper, not 'title'.")]
    [InlineData("integer, customProperties: [{ property: trim, value: true }]", "customProperty 'trim' does not go with 'v': only texts are cleaned so.")]
    [InlineData("string, customProperties: [{ property: epoch, value: s }]", "customProperty 'epoch' does not go with 'v': only a timestamp or date is written so.")]
    [InlineData("timestamp, customProperties: [{ property: epoch, value: ns }]", "'epoch' of 'v' is one of s, ms and us, not 'ns'.")]
    [InlineData("timestamp, customProperties: [{ property: dateFormat, value: yyyy-MM-dd }]", "'v' needs customProperty 'zone': without it a date as text is no point in time. Write UTC, or a name such as Europe/Berlin.")]
    [InlineData("timestamp, customProperties: [{ property: dateFormat, value: yy-MM-dd }, { property: zone, value: UTC }]", "dateFormat 'yy-MM-dd' of 'v' cannot be used: it needs yyyy, MM and dd. Write it as yyyy-MM-dd HH:mm:ss.")]
    [InlineData("timestamp, customProperties: [{ property: dateFormat, value: \"yyyy-MM-dd HH:mm:ss.fffffff\" }, { property: zone, value: UTC }]", "dateFormat 'yyyy-MM-dd HH:mm:ss.fffffff' of 'v' cannot be used: a fraction follows ss and has up to 6 digits, which is what PostgreSQL keeps. Write it as yyyy-MM-dd HH:mm:ss.")]
    [InlineData("timestamp, customProperties: [{ property: dateFormat, value: yyyy-MM-dd }, { property: zone, value: Europe/Berln }]", "zone 'Europe/Berln' of 'v' is not known. Write UTC, or a name such as Europe/Berlin.")]
    [InlineData("timestamp, customProperties: [{ property: zone, value: UTC }]", "customProperty 'zone' of 'v' says where texts were written: it goes with dateFormat.")]
    [InlineData("integer, customProperties: [{ property: default, value: none }]", "The default 'none' of 'v' is no value of its column.")]
    [InlineData("string, required: true, customProperties: [{ property: default, value: none }]", "'v' is required and has a default: one of them says nothing.")]
    [InlineData("string, logicalTypeOptions: { maxLength: 2 }, customProperties: [{ property: default, value: none }]", "The default of 'v' breaks rule maxLength: it must have at most 2 characters.")]
    [InlineData("integer, physicalType: int, customProperties: [{ property: default, value: 3000000000 }]", "The default of 'v' breaks rule range: it must lie in the range of integer.")]
    [InlineData("array, items: { logicalType: string }, customProperties: [{ property: trim, value: true }]", "customProperty 'trim' does not go with 'v': only single values are cleaned, or written as times.")]
    public void Says_what_is_wrong_with_a_clean_up(string field, string expected) =>
        Assert.Contains(ContractText.Errors(ContractText.Of($"- {{ name: v, logicalType: {field} }}")), e => e.EndsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void Says_all_at_once_and_where()
    {
        string[] errors = ContractText.Errors(Of(Events + "\n- { property: latest, value: [{ table: now, key: [kind], orderBy: [], columns: [kind] }] }").Replace("value: rabbitmq", "value: rabbit"));
        Assert.Equal(3, errors.Length);
        Assert.Equal("8:5: A source of kind 'rabbit' is not known. Did you mean 'rabbitmq'?", errors[0]);
        Assert.All(errors, e => Assert.Matches(@"^\d+:\d+: ", e));
    }
}
