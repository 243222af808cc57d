using Etl.Contracts;
using Etl.Marts;

namespace Etl.Tests.Marts;

/// <summary>A file of SQL with a header, and what is wrong with one.</summary>
public sealed class A_mart_file
{
    const string Head = "-- table: test.a\n-- key: id\n";

    [Fact]
    public void Says_what_is_made_and_what_it_means()
    {
        var mart = Assert.Single(MartFiles.Read("""
            -- table: "Test".Daily
            -- description: What there was,
            --   day by day.
            -- key: day, "Who"
            -- column day: The day (UTC): of the event.
            -- check all: SELECT 1
            --   - 1
            --
            -- check none at noon: SELECT 0;

            -- part of the header, as it is above the SELECT
            """.Replace("\n-- part of the header, as it is above the SELECT", "\nSELECT now() AS day, 1 AS \"Who\" -- a comment\n;\n")).Marts);
        Assert.Equal(("Test", "daily", false, "What there was, day by day."), (mart.Schema, mart.Name, mart.IsView, mart.Description));
        Assert.Equal(["day", "Who"], mart.Key);
        Assert.Equal("The day (UTC): of the event.", mart.Columns["day"]);
        Assert.Equal([("all", "SELECT 1\n- 1"), ("none at noon", "SELECT 0")], mart.Checks.Select(c => (c.Name, c.Sql.Text)));
        Assert.Equal("marts/a.sql:7:6", mart.Checks[0].Sql.At("SELECT 1\n".Length));
        Assert.Equal("SELECT now() AS day, 1 AS \"Who\" -- a comment\n", mart.Select.Text);
        Assert.Equal("marts/a.sql:11:8", mart.Select.At("SELECT ".Length));
    }

    [Theory]
    [InlineData("-- tabel: test.a\n-- key: id\nSELECT 1 AS id", "a.sql:1:1: A mart's header has no 'tabel'. Did you mean 'table'?", "a.sql:1:1: The header does not say what is made. Begin with '-- table: schema.name' or '-- view: schema.name'.")]
    [InlineData("SELECT 1", "a.sql:1:1: The header does not say what is made. Begin with '-- table: schema.name' or '-- view: schema.name'.")]
    [InlineData("-- table: test.a\nSELECT 1", "a.sql:1:1: A table needs a key: say '-- key: column, column', the columns that tell its rows apart.")]
    [InlineData("-- view: test.a\n-- key: id\nSELECT 1", "a.sql:2:1: A view has no key; leave it out, or make a table.")]
    [InlineData("-- table: a\n-- key: id\nSELECT 1", "a.sql:1:1: 'a' is no name with its schema. Write '-- table: schema.name'.")]
    [InlineData("-- table: quality.a\n-- key: id\nSELECT 1", "a.sql:1:1: Marts cannot be kept in schema 'quality'. Name another.")]
    [InlineData("-- table: test.things\n-- key: id\nSELECT 1", "a.sql:1:11: 'test.things' is the table that the contract loads from 'things'. Give the mart another name.")]
    [InlineData("-- table: test.a\n-- view: test.b\nSELECT 1", "a.sql:2:1: A file makes one table or one view; leave 'table' or 'view' out.")]
    [InlineData("-- table: test.a\n-- key: id,\nSELECT 1", "a.sql:2:1: 'id,' are no names of columns. Write '-- key: column, column'.")]
    [InlineData("-- table: test.a\n-- key: id, ID\nSELECT 1", "a.sql:2:1: Column 'id' stands twice in the key.")]
    [InlineData(Head + "-- key: n\nSELECT 1", "a.sql:3:1: 'key' stands already in line 2.")]
    [InlineData(Head + "-- column: x\nSELECT 1", "a.sql:3:1: Write '-- column NAME: …'.")]
    [InlineData(Head + "-- description of: x\nSELECT 1", "a.sql:3:1: 'description' takes no name; write '-- description: …'.")]
    [InlineData(Head + "-- description:\nSELECT 1", "a.sql:3:1: 'description' has no value.")]
    [InlineData(Head + "-- a comment\nSELECT 1", "a.sql:3:1: The lines above the SELECT are '-- key: value', and a value goes on in the next line with '--   '. Write other comments below the SELECT's first line.")]
    [InlineData(Head + "-- check c: DELETE FROM test.things\nSELECT 1", "a.sql:3:13: Check 'c' is one SELECT that gives 0, and nothing else; this begins with 'delete'.")]
    [InlineData(Head, "a.sql:3:1: Below its header a mart's file has one SELECT; there is none.")]
    [InlineData(Head + "DROP TABLE test.things", "a.sql:3:1: Below its header a mart's file has one SELECT, and nothing else; this begins with 'drop'.")]
    [InlineData(Head + "SELECT ';' AS id;\n  DROP TABLE test.things", "a.sql:4:3: Below its header a mart's file has one SELECT; a second statement begins here.")]
    [InlineData(Head + "SELECT 'x", "a.sql:3:8: The text that begins with ' has no end.")]
    [InlineData(Head + "SELECT 1 /* /* */", "a.sql:3:10: The comment that begins with /* has no end; they nest.")]
    [InlineData(Head + "SELECT id FROM test.a", "a.sql:3:16: Marts read each other in a circle: test.a reads test.a.")]
    public void With_an_error_is_refused_with_its_place(string text, params string[] errors) => Assert.Equal(errors, MartFiles.Errors(text));

    [Fact]
    public void Is_refused_where_another_makes_the_same_or_both_read_each_other()
    {
        Assert.Equal(["b.sql:1:10: Mart 'test.a' is already made by marts/a.sql."], MartFiles.Errors(Head + "SELECT 1 AS id", "-- view: TEST.A\nSELECT 1 AS id"));
        Assert.Equal(["b.sql:2:16: Marts read each other in a circle: test.a reads test.b reads test.a."], MartFiles.Errors(Head + "SELECT id FROM test.b", "-- view: test.b\nSELECT id FROM test.a"));
    }

    [Fact]
    public void Tells_of_all_errors_of_all_files_at_once() =>
        Assert.Equal(["a.sql:1:1", "a.sql:2:1", "a.sql:3:1", "b.sql:1:1"], MartFiles.Errors("-- table: test.a\n-- kee: id\nUPDATE x", "SELECT 1").Select(e => e[..e.IndexOf(": ", StringComparison.Ordinal)]));

    static string[] Order(params string[] marts) => [.. MartFiles.Read(marts).Marts.Select(m => m.Name)];

    [Fact]
    public void Comes_after_those_that_it_reads()
    {
        const string c = "-- view: test.c\nSELECT 1 AS id";
        Assert.Equal(["c", "a", "b"], Order(Head + "SELECT id FROM \"test\" . C", "-- view: test.b\nSELECT id FROM test.a, test.c", c));
        // What only looks like a name is none; a check may read whatever there is.
        foreach (string other in (string[])["'test.c'", "E'\\' test.c'", "$$ test.c $$", "$a$ test.c $a$", "1 /* test.c /* */ test.c */", "\"test.c\".id", "\"TEST\".c", "1 -- test.c\n", "e.test -- .c\n", "U&'test.c'"])
            Assert.Equal(["a", "c"], Order(Head + $"SELECT {other} AS id", c));
        Assert.Equal(["a", "c"], Order(Head + "-- check later: SELECT count(*) FROM test.c\nSELECT 1 AS id", c));
        Assert.Equal(["c", "a"], Order(Head + "SELECT (SELECT 'x''' || id FROM test.c) AS id", c));
    }

    [Theory]
    [InlineData("SELECT id, count(*) * n AS n FROM test.things GROUP BY 1", false)]
    [InlineData("SELECT id, 'who' AS \"WHO\" FROM test.things", false)]
    [InlineData("SELECT id, upper(t.Who) AS x FROM test.things t", true)]
    [InlineData("SELECT t.* FROM test.things t", true)]
    [InlineData("SELECT * FROM test.things", true)]
    [InlineData("SELECT 1 AS id, * FROM test.things", true)]
    public void May_be_personal_where_it_names_what_is_or_takes_everything(string select, bool personal)
    {
        var contract = MartFiles.Read(Head + select, "-- view: test.b\nSELECT id FROM test.a");
        Assert.Equal([personal, personal], contract.Marts.Select(m => m.MayBePersonal));
        Assert.Equal("test.things", Assert.Single(contract.Marts[0].Needs).QualifiedName);
    }

    [Fact]
    public void Need_not_be_there()
    {
        Assert.Empty(MartFiles.Read().Marts);
        Assert.Empty(Contracts.ContractText.Read(Contracts.ContractText.Of()).Marts);
    }

    /// <summary>Scripts outside of this repository query them.</summary>
    [Fact]
    public void Is_shipped_for_each_mart_of_the_pipelines()
    {
        string[] Of(string pipeline) => [.. ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", pipeline)).Marts.Select(m => $"{m.Kind} {m}")];
        Assert.Equal(["table community.messages_per_group_weekly", "table community.messages_per_user_weekly", "table community.signups_daily", "table community.signups_monthly", "table community.signups_weekly", "table community.subscription_share"], Of("community"));
        Assert.Equal(["table processed.active_corporations", "table processed.customers_engagement", "table processed.summary", "view product_events.user_events_view"], Of("product-events"));
        Assert.Equal(["table reports.user_events_daily"], Of("crm"));
        Assert.Empty(Of("cards"));
    }
}
