using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Keys of documents in a temporary table of the warehouse, by which rows are picked; gone with the transaction.</summary>
internal static class KeyTable
{
    const string Name = "pg_temp.quality_keys";

    /// <param name="keys">Binary COPY fields, none NULL.</param>
    public static async Task FillAsync(NpgsqlConnection connection, Dataset dataset, IReadOnlyList<byte[]> keys, CancellationToken cancellation)
    {
        await connection.RunAsync($"CREATE TEMP TABLE quality_keys (n integer, key {dataset.RootTable.DocumentKey[0].SqlType} NOT NULL) ON COMMIT DROP", cancellation);
        var block = new CopyBlock();
        int next = 0;
        await block.SendAsync(connection, $"COPY {Name} FROM STDIN (FORMAT binary)", Fill, cancellation);
        await connection.RunAsync($"ANALYZE {Name}", cancellation);

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

    /// <summary>Rows of these documents.</summary>
    public static string Condition(Table table) => $"{ColumnOf(table)} IN (SELECT key FROM {Name})";

    /// <summary>Rows of documents from the key with one number up to, not with, that of another; null: without end.</summary>
    public static string Between(Table table, int? from, int? to) =>
        $"{(from is null ? "true" : $"{ColumnOf(table)} >= (SELECT key FROM {Name} WHERE n = {from})")} AND {(to is null ? "true" : $"{ColumnOf(table)} < (SELECT key FROM {Name} WHERE n = {to})")}";

    static string ColumnOf(Table table) => Identifier.Quote(table.DocumentKey[0].Name);
}
