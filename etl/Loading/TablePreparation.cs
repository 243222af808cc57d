using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Makes the tables that are missing, adds columns that are new, and refuses tables that the contract does not fit.</summary>
public static class TablePreparation
{
    /// <exception cref="UnavailableException">An existing table has a column of another type, or is no table of ours to write.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, Contract contract, IEnumerable<Table> tables, CancellationToken cancellation)
    {
        foreach (var table in tables)
        {
            // Looked up first: PostgreSQL asks for the right to create even where there is nothing to create.
            var existing = await ColumnsAsync(connection, table, cancellation);
            if (existing.Count == 0)
                await CreateAsync(connection, table, cancellation);
            else
                await FitAsync(connection, contract, table, existing, cancellation);
            if (table.IsShared)
                await PrepareCandidatesAsync(connection, new MergeSql(table), cancellation);
        }
    }

    static async Task CreateAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", cancellation, table.Schema))
            await connection.RunAsync(TableSql.CreateSchema(table), cancellation);
        // A first load fills tables without their keys; only where rows are looked up by it a key is needed from the start.
        foreach (string statement in table.IsShared || !table.Dataset.IsOrdered ? TableSql.Create(table) : [TableSql.CreateKeyless(table)])
            await connection.RunAsync(statement, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Makes the indexes by which derived tables find their events, and their own rows. Looked up first, as tables are.</summary>
    public static async Task IndexAsync(NpgsqlConnection connection, IEnumerable<DerivedTable> tables, CancellationToken cancellation)
    {
        foreach (var (name, create) in tables.SelectMany(TableSql.IndexesOf))
            if (!await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellation, name))
                await connection.RunAsync(create, cancellation);
    }

    /// <summary>Candidates of another contract are of no use: its scan is not gone on with. So where a column is not there, the table is made anew.</summary>
    static async Task PrepareCandidatesAsync(NpgsqlConnection connection, MergeSql merge, CancellationToken cancellation)
    {
        bool exists = await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellation, merge.Candidates);
        if (exists && await connection.ScalarAsync<bool>(merge.CandidatesFit, cancellation))
            return;
        if (exists)
            await connection.RunAsync($"DROP TABLE {merge.Candidates}", cancellation);
        await connection.RunAsync(merge.CreateCandidates, cancellation);
    }

    static async Task FitAsync(NpgsqlConnection connection, Contract contract, Table table, Dictionary<string, string> existing, CancellationToken cancellation)
    {
        bool added = false;
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await foreach (var row in connection.RowsAsync("""
            SELECT a.attname, l.collname FROM pg_attribute a JOIN pg_collation l ON l.oid = a.attcollation
            WHERE a.attrelid = $1::regclass AND NOT a.attisdropped AND l.collname NOT IN ('default', 'C', 'POSIX')
            """, cancellation, table.Sql))
            if (table.Columns.Any(c => c.Name == row.GetString(0)))
                throw new UnavailableException($"Column {table.QualifiedName}.{row.GetString(0)} sorts by collation \"{row.GetString(1)}\"; text of a loaded table sorts by bytes, as MongoDB's does. Write: ALTER TABLE {table.Sql} ALTER COLUMN {Identifier.Quote(row.GetString(0))} TYPE text COLLATE \"C\".");
        var key = await connection.ListAsync<string>("""
            SELECT a.attname::text FROM pg_index i CROSS JOIN unnest(i.indkey) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k
            WHERE i.indrelid = $1::regclass AND i.indisprimary
            """, cancellation, table.Sql);
        if (key.Count > 0 && !key.ToHashSet().SetEquals(table.Key.Select(c => c.Name)))
            throw new UnavailableException($"Table {table.QualifiedName} has the key ({string.Join(", ", key)}); the contract's is ({string.Join(", ", table.Key.Select(c => c.Name))}). Drop the table and load it anew, or change the contract, or load into another schema.");
        // The contract said 'deletes: soft' before: rows that were only kept are what it removes today. Once is enough, it takes a look at every row.
        if (!table.DeletesSoftly && existing.ContainsKey(TableSql.DeletedAt) && !await IsKnownAsync(connection, contract, table.Dataset, cancellation))
            await connection.RunAsync($"DELETE FROM {table.Sql} WHERE {TableSql.DeletedAt} IS NOT NULL", cancellation);
        foreach (var (name, type) in table.Columns.Select(c => (c.Name, c.SqlType)).Concat(TableSql.OwnColumns(table)))
        {
            if (!existing.TryGetValue(name, out string? found))
            {
                await connection.RunAsync(TableSql.AddColumn(table, name, type), cancellation);
                added |= name != TableSql.DeletedAt; // NULL is what it says of every row that stands there
            }
            else if (Misfit(type, found) is { } misfit)
                throw new UnavailableException($"Column {table.QualifiedName}.{name} {misfit}. Change the column, or the contract, or load into another schema.");
        }
        if (added && !table.IsDerived) // in the same transaction: a run that died in between would not see it again
            await ForgetDroppedColumnAsync(connection, contract, table, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>
    /// A column that was dropped by hand is back, without its values, while the rows' hashes say that nothing changed. Where the contract is the
    /// last scan's, there is no other explanation; where it is another, one that is really new cannot be told from it, once any was dropped.
    /// </summary>
    static async Task ForgetDroppedColumnAsync(NpgsqlConnection connection, Contract contract, Table table, CancellationToken cancellation)
    {
        if (await Scan.ReadAsync(connection, contract.Pipeline, table.Dataset, cancellation) is { } last && last.ContractHash == contract.Hash
            || await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = $1::regclass AND attisdropped)", cancellation, table.Sql))
            await connection.RunAsync(new MergeSql(table).ForgetHashes, cancellation);
    }

    /// <summary>Whether the dataset's last scan was begun under this contract, and nobody has worked under another since: so what had to be done to the tables for its sake is done.</summary>
    static Task<bool> IsKnownAsync(NpgsqlConnection connection, Contract contract, Dataset dataset, CancellationToken cancellation) => connection.ScalarAsync<bool>("""
        SELECT EXISTS (SELECT 1 FROM quality.scans s WHERE s.pipeline = $1 AND s.dataset = $2 AND s.contract_hash = $3
          AND NOT EXISTS (SELECT 1 FROM quality.runs r WHERE r.pipeline = $1 AND r.id > s.first_run AND r.contract_hash IS DISTINCT FROM $3))
        """, cancellation, contract.Pipeline, dataset.Name, contract.Hash);

    /// <summary>How an existing column differs from the wanted type, as the rest of a sentence, or null.</summary>
    /// <param name="found">The type as PostgreSQL writes it; null: there is no such column.</param>
    public static string? Misfit(string wanted, string? found)
    {
        wanted = Shown(wanted);
        return found is null ? "does not exist" : found == wanted ? null : $"is {found}; the contract makes it {wanted}";
    }

    /// <summary>A type of ours as format_type shows it.</summary>
    internal static string Shown(string wanted) =>
        wanted.Replace(" COLLATE \"C\"", "", StringComparison.Ordinal).Replace("timestamptz", "timestamp with time zone", StringComparison.Ordinal);

    /// <summary>Column names and types of a table, as PostgreSQL writes them; empty when there is no such table.</summary>
    public static async Task<Dictionary<string, string>> ColumnsAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        var columns = new Dictionary<string, string>();
        await foreach (var row in connection.RowsAsync("""
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
            """, cancellation, table.Schema, table.Name))
            columns.Add(row.GetString(0), row.GetString(1));
        return columns;
    }
}
