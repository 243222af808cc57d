using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Loading;
using Etl.Tests.Contracts;
using Etl.Validation;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Flattening;

/// <summary>The limit is PostgreSQL's own: what it takes is accepted, what it refuses is refused before it gets there.</summary>
public sealed class A_key_of_a_row
{
    static readonly Contract Contract = ContractText.Read(ContractText.Of().Replace(ContractText.Id, "- { name: _id, logicalType: string, primaryKey: true, customProperties: [{ property: column, value: id }] }") + """
              - { name: rows, logicalType: array, items: { logicalType: object, properties: [{ name: k, logicalType: string, primaryKey: true }, { name: n, logicalType: integer, primaryKey: true, primaryKeyPosition: 2 }, { name: m, logicalType: number, primaryKey: true, primaryKeyPosition: 3 }] } }
              - { name: lines, logicalType: array, items: { logicalType: object, properties: [{ name: text, logicalType: string }] } }

        """.Replace("\n        ", "\n"));

    /// <summary>Text that does not compress, so that its size in the index is its size.</summary>
    static string Noise(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next(33, 127)));

    [Fact]
    public async Task Is_refused_exactly_where_PostgreSQL_would_refuse_it()
    {
        await using var connection = new NpgsqlConnection(await Postgres.DatabaseAsync("long_keys"));
        await connection.OpenAsync();
        var dataset = Contract.Datasets[0];
        foreach (var table in dataset.Tables)
            foreach (string statement in TableSql.Create(table).Prepend(TableSql.CreateSchema(table)))
                await connection.RunAsync(statement, CancellationToken.None);
        var flattener = new Flattener(dataset);
        var validator = new DocumentValidator(dataset);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            int shape = i % 4, length = i < 200 ? 2_640 + i / 4 * 2 : 2_690 + i % 30;
            string id = Noise(random, shape == 1 ? 12 : length), k = Noise(random, shape == 1 ? length : 1_400), line = Noise(random, 4_000);
            var document = Bson.Make(w =>
            {
                w.Write("_id", id);
                if (shape == 1)
                    w.BeginArray("rows").BeginDocument().Write("k", k).Write("n", (long)i).Write("m", (Decimal128)(i * 1.25m)).End().End();
                if (shape == 2)
                    w.BeginArray("lines").BeginDocument().Write("text", line).End().End();
            });
            bool accepted = flattener.Flatten(document) is not { } refusal;
            refused += accepted ? 0 : 1;
            Assert.Equal(accepted ? [] : [RuleNames.KeyTooLong], validator.Explain(document).Select(v => v.Rule));
            Assert.True(accepted == await Takes(connection, dataset, shape, id, k, i, line), $"document {i}, id of {id.Length}, k of {k.Length}: accepted {accepted}");
        }
        Assert.InRange(refused, 50, 350);
    }

    static async Task<bool> Takes(NpgsqlConnection connection, Dataset dataset, int shape, string id, string k, int i, string line)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await connection.RunAsync($"INSERT INTO {dataset.Tables[0].Sql} (id) VALUES ($1)", CancellationToken.None, id);
            if (shape == 1)
                await connection.RunAsync($"INSERT INTO {dataset.Tables[1].Sql} (k, n, m, id) VALUES ($1, $2, $3, $4)", CancellationToken.None, k, (long)i, i * 1.25m, id);
            if (shape == 2)
                await connection.RunAsync($"INSERT INTO {dataset.Tables[2].Sql} (id, ordinal, text) VALUES ($1, 0, $2)", CancellationToken.None, id, line);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
        {
            return false;
        }
        finally
        {
            await transaction.RollbackAsync();
        }
    }

    [Fact]
    public void Says_which_of_its_columns_is_the_longest()
    {
        var violation = Assert.Single(new DocumentValidator(Contract.Datasets[0]).Explain(Bson.Make(w => w.Write("_id", "x").BeginArray("rows").BeginDocument().Write("k", new string('k', 3_000)).Write("n", 1).Write("m", 1).End().End())));
        Assert.Equal(("keyTooLong", "rows[].k", ""), (violation.Rule, violation.Path, violation.Value));
        Assert.DoesNotContain("kkk", violation.Message, StringComparison.Ordinal);
    }

    /// <summary>A shared row is kept as a candidate before it stands in its table: by key and hash, which leaves 16 bytes less for the key.</summary>
    [Fact]
    public async Task Of_a_shared_row_is_refused_exactly_where_PostgreSQL_would_refuse_its_candidate()
    {
        var dataset = ContractText.Read(ContractText.Of("- { name: kind, logicalType: object, customProperties: [{ property: table, value: kinds }, { property: shared, value: true }], properties: [{ name: code, logicalType: string, primaryKey: true }, { name: part, logicalType: integer, primaryKey: true, primaryKeyPosition: 2 }] }")).Datasets[0];
        await using var connection = new NpgsqlConnection(await Postgres.DatabaseAsync("long_shared_keys"));
        await connection.OpenAsync();
        await connection.RunAsync("CREATE SCHEMA quality", CancellationToken.None);
        var table = dataset.Tables.Single(t => t.IsShared);
        var merge = new MergeSql(table);
        foreach (string statement in TableSql.Create(table).Prepend(TableSql.CreateSchema(table)).Append(merge.CreateCandidates))
            await connection.RunAsync(statement, CancellationToken.None);
        var flattener = new Flattener(dataset);
        var random = new Random(2);
        int refused = 0, tableTakes = 0;
        for (int i = 0; i < 80; i++)
        {
            string code = Noise(random, 2_640 + i);
            bool accepted = flattener.Flatten(Bson.Make(w => w.Write("_id", i).BeginDocument("kind").Write("code", code).Write("part", (long)i).End())) is null;
            refused += accepted ? 0 : 1;
            Assert.True(accepted == await TakesAsync($"{merge.Candidates} (code, part, _hash, _run_id)"), $"code of {code.Length}: accepted {accepted}");
            tableTakes += await TakesAsync($"{table.Sql} (code, part, _hash, _run_id)") && !accepted ? 1 : 0;

            async Task<bool> TakesAsync(string into)
            {
                try
                {
                    await connection.RunAsync($"INSERT INTO {into} VALUES ($1, $2, gen_random_uuid(), 1)", CancellationToken.None, code, (long)i);
                    return true;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
                {
                    return false;
                }
            }
        }
        Assert.InRange(refused, 10, 70);
        Assert.Equal(16, tableTakes); // lengths at which the hash beside the key is what makes it too long
    }
}
