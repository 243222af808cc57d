using System.Data;
using Npgsql;

namespace Quality.Reports.Journal;

/// <summary>One read-only snapshot of the journal.</summary>
sealed class JournalSession : IAsyncDisposable
{
    readonly NpgsqlConnection connection;
    readonly NpgsqlTransaction transaction;
    readonly CancellationToken cancel;

    JournalSession(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel) =>
        (this.connection, this.transaction, this.cancel) = (connection, transaction, cancel);

    /// <summary>False where nothing has ever run: the schema is made by the first sync.</summary>
    public bool Exists { get; private set; }

    public static async Task<JournalSession> OpenAsync(NpgsqlDataSource warehouse, CancellationToken cancel)
    {
        var connection = await warehouse.OpenConnectionAsync(cancel);
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        JournalSession session = new(connection, transaction, cancel);
        session.Exists = (await session.ListAsync("SELECT to_regclass('quality.runs') IS NOT NULL", r => r.GetBoolean(0)))[0];
        return session;
    }

    public async Task<IReadOnlyList<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> row, params object[] parameters)
    {
        await using NpgsqlCommand command = new(sql, connection, transaction);
        foreach (var value in parameters) command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        List<T> rows = [];
        while (await reader.ReadAsync(cancel)) rows.Add(row(reader));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
