using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Keys of documents in a temporary table of the warehouse, by which rows are picked; gone with the transaction.</summary>
/// <param name="name">Others may stand beside it.</param>
internal sealed class KeyTable(NpgsqlConnection connection, Dataset dataset, string name)
{
    readonly string sql = $"pg_temp.{Identifier.Quote(name)}";

    /// <param name="keys">Binary COPY fields, none NULL.</param>
    public async Task FillAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellation)
    {
        await connection.RunAsync($"CREATE TEMP TABLE {Identifier.Quote(name)} (n integer, key {dataset.RootTable.DocumentKey[0].SqlType} NOT NULL) ON COMMIT DROP", cancellation);
        var block = new CopyBlock();
        int next = 0;
        await block.SendAsync(connection, $"COPY {sql} FROM STDIN (FORMAT binary)", Fill, cancellation);
        await connection.RunAsync($"ANALYZE {sql}", cancellation);

        bool Fill()
        {
            for (; next < keys.Count; next++)
            {
                if (block.IsFull)
                    return true;
                block.Buffer.Int16(2);
                block.Buffer.Int32(sizeof(int));
                block.Buffer.Int32(next);
                block.Buffer.Write(keys[next]);
            }
            return false;
        }
    }

    /// <summary>Numbers the keys anew, in the order of the table's own.</summary>
    public Task SortAsync(CancellationToken cancellation) => connection.RunAsync($"""
        UPDATE {sql} k SET n = s.n FROM (SELECT ctid AS place, row_number() OVER (ORDER BY key) - 1 AS n FROM {sql}) s WHERE k.ctid = s.place
        """, cancellation);

    /// <summary>The keys by their numbers, as binary COPY fields.</summary>
    public async Task<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellation)
    {
        var keys = new List<byte[]>();
        await using var stream = await connection.BeginRawBinaryCopyAsync($"COPY (SELECT key FROM {sql} ORDER BY n) TO STDOUT (FORMAT binary)", cancellation);
        await Task.Run(() =>
        {
            var rows = new CopyReader(stream);
            while (rows.Read())
                keys.Add(rows.Fields.ToArray());
        }, cancellation);
        return keys;
    }

    /// <summary>Rows of these documents.</summary>
    public string Condition(Table table) => $"{ColumnOf(table)} IN (SELECT key FROM {sql})";

    /// <summary>Rows of documents from the key with one number up to, not with, that of another; null: without end. Rows that have lost their key are behind all others.</summary>
    public string Between(Table table, int? from, int? to)
    {
        string column = ColumnOf(table), low = from is null ? "true" : $"{column} >= (SELECT key FROM {sql} WHERE n = {from})";
        return (from, to) switch
        {
            (null, null) => "true",
            (_, null) => $"({low} OR {column} IS NULL)",
            _ => $"{low} AND {column} < (SELECT key FROM {sql} WHERE n = {to})",
        };
    }

    /// <summary>Text by its bytes, whatever collation somebody else's table has.</summary>
    static string ColumnOf(Table table) => Identifier.Quote(table.DocumentKey[0].Name) + (table.DocumentKey[0].Type == ColumnType.Text ? " COLLATE \"C\"" : "");
}
