using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Makes the tables that are missing, adds columns that are new, and refuses tables that the contract does not fit.</summary>
public static class TablePreparation
{
    /// <exception cref="UnavailableException">An existing table has a column of another type, or is no table of ours to write.</exception>
    /// <param name="widened">Told of an existing table that got a column, in the same transaction: a run that died in between would not be told again.</param>
    public static async Task RunAsync(NpgsqlConnection connection, IEnumerable<Table> tables, Func<Table, Task> widened, CancellationToken cancellation)
    {
        foreach (var table in tables)
        {
            // Looked up first: PostgreSQL asks for the right to create even where there is nothing to create.
            var existing = await ColumnsAsync(connection, table, cancellation);
            if (existing.Count == 0)
                await CreateAsync(connection, table, cancellation);
            else
                await FitAsync(connection, table, existing, widened, cancellation);
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

    static async Task FitAsync(NpgsqlConnection connection, Table table, Dictionary<string, string> existing, Func<Table, Task> widened, CancellationToken cancellation)
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
        // The contract said 'deletes: soft' before: rows that were only kept are what it removes today.
        if (!table.DeletesSoftly && existing.ContainsKey(TableSql.DeletedAt))
            await connection.RunAsync($"DELETE FROM {table.Sql} WHERE {TableSql.DeletedAt} IS NOT NULL", cancellation);
        foreach (var (name, type) in table.Columns.Select(c => (c.Name, c.SqlType)).Concat(TableSql.OwnColumns(table)))
        {
            if (!existing.TryGetValue(name, out string? found))
            {
                await connection.RunAsync(TableSql.AddColumn(table, name, type), cancellation);
                added = true;
            }
            else if (Misfit(type, found) is { } misfit)
                throw new UnavailableException($"Column {table.QualifiedName}.{name} {misfit}. Change the column, or the contract, or load into another schema.");
        }
        if (added)
            await widened(table);
        await transaction.CommitAsync(cancellation);
    }

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
