using Npgsql;

namespace Etl.Loading;

/// <summary>Short forms for statements with positional parameters ($1, $2 …).</summary>
public static class Sql
{
    public static async Task<int> RunAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellation, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The first column of the first row.</summary>
    /// <exception cref="InvalidOperationException">There is no row, or the value is NULL.</exception>
    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellation, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancellation) is T value ? value : throw new InvalidOperationException($"No {typeof(T).Name} from: {sql}");
    }

    public static async Task<List<T>> ListAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellation, params object?[] parameters)
    {
        var list = new List<T>();
        await foreach (var row in connection.RowsAsync(sql, cancellation, parameters))
            list.Add(row.GetFieldValue<T>(0));
        return list;
    }

    public static async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(this NpgsqlConnection connection, string sql,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return reader;
    }

    /// <summary>Statements that go together: one way there and back.</summary>
    public static async Task RunAsync(this NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> statements, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
            batch.BatchCommands.Add(statement);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A statement for a batch.</summary>
    public static NpgsqlBatchCommand Statement(string sql, params object?[] parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        Add(statement.Parameters, parameters);
        return statement;
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        Add(command.Parameters, parameters);
        return command;
    }

    static void Add(NpgsqlParameterCollection to, object?[] parameters)
    {
        foreach (object? value in parameters)
            to.Add(value switch
            {
                NpgsqlParameter ready => ready,
                DateTimeOffset at => new NpgsqlParameter { Value = at.UtcDateTime },
                _ => new NpgsqlParameter { Value = value ?? DBNull.Value },
            });
    }
}
