using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Etl.Marts;

/// <summary>Brings the tables and views of marts to what their SELECTs give, inside the builder's transaction.</summary>
internal sealed class MartTables(NpgsqlConnection connection, Contract contract)
{
    const int SampleSize = 5;

    /// <summary>Where the new content is computed. One at a time, so one name will do; it is gone with the transaction.</summary>
    const string New = "pg_temp.\"quality mart\"";

    /// <summary>What may be done, once it is made anew, with relations that had to go first.</summary>
    readonly Dictionary<Mart, List<string>> grants = [];

    readonly HashSet<Mart> owned = [];

    readonly bool holdPersonal = contract.Datasets.Any(d => d.Root.HoldsPersonal);

    /// <param name="Key">Whether the key holds; null for a view. Broken: nothing was written.</param>
    public sealed record Made(IReadOnlyList<MartColumn> Columns, long Rows, long Inserted, long Removed, CheckResult? Key);

    /// <exception cref="MartException">Another pipeline makes it.</exception>
    public async Task CheckOwnerAsync(Mart mart, CancellationToken cancellation)
    {
        if (await MartJournal.OwnerAsync(connection, mart, cancellation) is not { } owner)
            return;
        if (owner != contract.Pipeline)
            throw new MartException($"pipeline '{owner}' makes a mart of that name. Give one of them another name.");
        owned.Add(mart);
    }

    public async Task<Made> MakeTableAsync(Mart mart, CancellationToken cancellation)
    {
        await RunAsync(mart, $"CREATE TEMP TABLE {New[8..]} ON COMMIT DROP AS\n", "\nWITH NO DATA", cancellation);
        var columns = (await MartRelation.FindAsync(connection, New, cancellation))!.Columns;
        CheckColumns(mart, columns);
        // A function in the SELECT may want to write; computing a mart changes nothing.
        await connection.RunAsync("SAVEPOINT computed; SET TRANSACTION READ ONLY", cancellation);
        await RunAsync(mart, $"INSERT INTO {New}\n", "", cancellation);
        await connection.RunAsync("RELEASE SAVEPOINT computed", cancellation);

        long rows = await connection.ScalarAsync<long>($"SELECT count(*) FROM {New}", cancellation);
        var key = await CheckKeyAsync(mart, cancellation);
        if (key.Holds != true)
            return new Made(columns, rows, 0, 0, key);
        var there = await MartRelation.FindAsync(connection, mart.Sql, cancellation);
        bool fits = there is { Kind: MartRelation.Table } && there.Columns.SequenceEqual(columns) && there.Key.SequenceEqual(mart.Key);
        if (there is not null && !fits)
        {
            await DropAsync(mart, there, "its columns or its key have changed", cancellation);
            there = null;
        }
        if (there is null)
        {
            await CreateSchemaAsync(mart, cancellation);
            await connection.RunAsync($"CREATE TABLE {mart.Sql} ({string.Join(", ", columns.Select(c => c.Sql))}, PRIMARY KEY ({Identifier.QuoteAll(mart.Key)}))", cancellation);
            await GrantAsync(mart, cancellation);
        }
        string names = Identifier.QuoteAll(columns.Select(c => c.Name)), onKey = string.Join(" AND ", mart.Key.Select(Identifier.Quote).Select(k => $"n.{k} = t.{k}"));
        // What is stored is compared, of whatever type: NULL equals NULL, and 1.0 is not 1.00, which readers would see.
        int removed = there is null ? 0 : await connection.RunAsync($"DELETE FROM {mart.Sql} t WHERE NOT EXISTS (SELECT FROM {New} n WHERE {onKey} AND record_image_eq(ROW({Identifier.QuoteAll(columns.Select(c => c.Name), "n.")}), ROW({Identifier.QuoteAll(columns.Select(c => c.Name), "t.")})))", cancellation);
        int inserted = await connection.RunAsync($"INSERT INTO {mart.Sql} ({names}) SELECT {names} FROM {New} n WHERE NOT EXISTS (SELECT FROM {mart.Sql} t WHERE {onKey})", cancellation);
        await connection.RunAsync($"DROP TABLE {New}", cancellation);
        return new Made(columns, rows, inserted, removed, key);
    }

    public async Task<Made> MakeViewAsync(Mart mart, CancellationToken cancellation)
    {
        // Made under another name first: PostgreSQL's own reading of both tells whether anything has changed. Replacing a view locks its readers out.
        await RunAsync(mart, $"CREATE TEMP VIEW {New[8..]} AS\n", "", cancellation);
        var columns = (await MartRelation.FindAsync(connection, New, cancellation))!.Columns;
        CheckColumns(mart, columns);
        var there = await MartRelation.FindAsync(connection, mart.Sql, cancellation);
        bool same = there is { Kind: MartRelation.View } && there.Columns.SequenceEqual(columns)
            && await connection.ScalarAsync<bool>("SELECT pg_get_viewdef($1::regclass) = pg_get_viewdef($2::regclass)", cancellation, New, mart.Sql);
        await connection.RunAsync($"DROP VIEW {New}", cancellation);
        if (!same)
        {
            bool extends = there is { Kind: MartRelation.View } && owned.Contains(mart) && columns.Take(there.Columns.Count).SequenceEqual(there.Columns);
            if (there is not null && !extends)
                await DropAsync(mart, there, "its columns have changed", cancellation);
            await CreateSchemaAsync(mart, cancellation);
            await RunAsync(mart, $"CREATE OR REPLACE VIEW {mart.Sql} AS\n", "", cancellation);
            await GrantAsync(mart, cancellation);
        }
        await connection.RunAsync("SAVEPOINT counted; SET TRANSACTION READ ONLY", cancellation);
        long rows = await connection.ScalarAsync<long>($"SELECT count(*) FROM {mart.Sql}", cancellation);
        await connection.RunAsync("RELEASE SAVEPOINT counted", cancellation);
        return new Made(columns, rows, 0, 0, null);
    }

    /// <summary>The mart's SELECT within a statement. What PostgreSQL says of it is said of its place in the file.</summary>
    async Task RunAsync(Mart mart, string before, string after, CancellationToken cancellation)
    {
        try
        {
            await connection.RunAsync(before + mart.Select.Text + after, cancellation);
        }
        catch (PostgresException e) when (!connection.FullState.HasFlag(System.Data.ConnectionState.Broken) && e.SqlState != PostgresErrorCodes.LockNotAvailable)
        {
            string at = e.Position > before.Length ? mart.Select.At(Offset(before + mart.Select.Text, e.Position) - before.Length) + ": " : "";
            throw new MartException($"{at}{CheckRunner.Failure(e, holdPersonal)}{(e.SqlState[..2] == "42" && e.Hint is { Length: > 0 } hint ? $". {hint}" : "")}");
        }
    }

    /// <summary>PostgreSQL counts characters, of which one may be two of ours.</summary>
    internal static int Offset(string sql, int position)
    {
        int at = 0;
        for (int i = 1; i < position && at < sql.Length; i++)
            at += char.IsSurrogatePair(sql, at) ? 2 : 1;
        return at;
    }

    static void CheckColumns(Mart mart, IReadOnlyList<MartColumn> columns)
    {
        var names = columns.Select(c => c.Name).ToArray();
        if (names.Contains("?column?"))
            throw new MartException($"column {Array.IndexOf(names, "?column?") + 1} of the SELECT has no name. Write … AS name.");
        foreach (string key in mart.Key.Where(k => !names.Contains(k)))
            throw new MartException($"its key '{key}' is no column of the SELECT.{Names.DidYouMean(key, names)}");
        foreach (string described in mart.Columns.Keys.Where(k => !names.Contains(k)))
            throw new MartException($"it describes '{described}', which is no column of the SELECT.{Names.DidYouMean(described, names)}");
    }

    async Task<CheckResult> CheckKeyAsync(Mart mart, CancellationToken cancellation)
    {
        string key = Identifier.QuoteAll(mart.Key), anyNull = string.Join(" OR ", mart.Key.Select(k => $"{Identifier.Quote(k)} IS NULL"));
        string wrong = $"SELECT {key}, count(*) AS \"rows of it\" FROM {New} GROUP BY {key} HAVING count(*) > 1 OR {anyNull}";
        long failing = await connection.ScalarAsync<long>($"SELECT coalesce(sum(\"rows of it\"), 0)::bigint FROM ({wrong}) w", cancellation);
        var sample = new List<CheckSample>();
        if (failing > 0)
        {
            string shown = string.Join(" || ', ' || ", mart.Key.Select(k => $"coalesce({Identifier.Quote(k)}::text, 'NULL')"));
            await foreach (var row in connection.RowsAsync($"SELECT left({shown}, {LongestSample}), \"rows of it\" FROM ({wrong}) w ORDER BY 2 DESC, 1 LIMIT {SampleSize}", cancellation))
                sample.Add(new CheckSample(mart.MayBePersonal ? CheckRunner.Masked : row.GetString(0), row.GetInt64(1)));
        }
        return new CheckResult(mart.QualifiedName, "", CheckResult.MartKey, failing, sample)
        {
            Name = "key",
            Measured = failing,
            Expected = "0",
            Unit = "rows",
            Warns = false,
            Sentence = failing == 0 ? null : $"The key ({string.Join(", ", mart.Key)}) of mart {mart} ({mart.Select.File}) does not hold: {failing:N0} rows share one or have none, for instance ({sample[0].Value}), {sample[0].Rows:N0} rows. {MartBuilder.Kept}",
        };
    }

    const int LongestSample = 200;

    async Task CreateSchemaAsync(Mart mart, CancellationToken cancellation)
    {
        // Looked up first: PostgreSQL asks for the right to create even where there is nothing to create.
        if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", cancellation, mart.Schema))
            await connection.RunAsync($"CREATE SCHEMA {Identifier.Quote(mart.Schema)}", cancellation);
    }

    /// <summary>Removes what is to be made anew, and the pipeline's own views of it, which follow.</summary>
    /// <exception cref="MartException">It is not ours, or somebody else's view reads it.</exception>
    async Task DropAsync(Mart mart, MartRelation there, string why, CancellationToken cancellation)
    {
        if (!owned.Contains(mart))
            throw new MartException($"{mart} exists already, and is no mart of this pipeline. Rename or drop it, or give the mart another name.");
        var going = new List<(Mart Mart, MartRelation Relation)> { (mart, there) };
        foreach (var view in contract.Marts.Where(m => m.IsView && m.DependsOn(mart)))
            if (await MartRelation.FindAsync(connection, view.Sql, cancellation) is { Kind: MartRelation.View } follows)
                going.Add((view, follows));
        foreach (var (_, relation) in going)
            foreach (uint reader in await relation.ReadersAsync(connection, cancellation))
                if (going.All(g => g.Relation.Id != reader))
                    throw new MartException($"{why}, so it must be made anew, but {await MartRelation.NameAsync(connection, reader, cancellation)} reads it. Drop that view, sync, and make it again");
        foreach (var (gone, relation) in Enumerable.Reverse(going))
        {
            grants[gone] = await relation.GrantsAsync(connection, gone.Sql, cancellation);
            await connection.RunAsync($"DROP {(relation.Kind == MartRelation.View ? "VIEW" : "TABLE")} {gone.Sql}", cancellation);
        }
    }

    async Task GrantAsync(Mart mart, CancellationToken cancellation)
    {
        if (grants.Remove(mart, out var statements))
            foreach (string statement in statements)
                await connection.RunAsync(statement, cancellation);
    }
}
