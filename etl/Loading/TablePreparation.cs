using Etl.Contracts;
using Npgsql;

namespace Etl.Loading;

/// <summary>Makes the tables that are missing, adds columns that are new, and refuses tables that the contract does not fit.</summary>
public static class TablePreparation
{
    /// <exception cref="UnavailableException">An existing table has a column of another type, or is no table of ours to write.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, IEnumerable<Table> tables, CancellationToken cancellation)
    {
        foreach (var table in tables)
        {
            foreach (string statement in TableSql.Create(table))
                await connection.RunAsync(statement, cancellation);
            if (table.IsShared)
                await PrepareCandidatesAsync(connection, new MergeSql(table), cancellation);
            await FitAsync(connection, table, cancellation);
        }
    }

    /// <summary>Candidates of another contract are of no use: its scan is not gone on with. So where a column is not there, the table is made anew.</summary>
    static async Task PrepareCandidatesAsync(NpgsqlConnection connection, MergeSql merge, CancellationToken cancellation)
    {
        await connection.RunAsync(merge.CreateCandidates, cancellation);
        if (await connection.ScalarAsync<bool>(merge.CandidatesFit, cancellation))
            return;
        await connection.RunAsync($"DROP TABLE {merge.Candidates}", cancellation);
        await connection.RunAsync(merge.CreateCandidates, cancellation);
    }

    static async Task FitAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        var existing = await ColumnsAsync(connection, table, cancellation);
        foreach (var (name, type) in table.Columns.Select(c => (c.Name, c.SqlType)).Concat(TableSql.OwnColumns))
        {
            if (!existing.TryGetValue(name, out string? found))
                await connection.RunAsync($"ALTER TABLE {table.Sql} ADD COLUMN {Identifier.Quote(name)} {type}", cancellation);
            else if (Misfit(type, found) is { } misfit)
                throw new UnavailableException($"Column {table.QualifiedName}.{name} {misfit}. Change the column, or the contract, or load into another schema.");
        }
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
