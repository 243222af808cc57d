using Etl.Contracts;

namespace Quality.Tests.Reconciliation;

/// <summary>Plants differences in a warehouse table by plain SQL, and keeps the keys that must be found.</summary>
sealed class Planter(SyncedCommunity community)
{
    public sealed record Planted(string[] Missing, string[] Changed, string[] Unexpected);

    /// <summary>Deletes the first rows (by key), changes a column of the next, and adds rows with keys that no source gives.</summary>
    /// <param name="column">Which column is changed: the nth that is no key.</param>
    /// <param name="skip">Rows at the beginning that are left alone.</param>
    public async Task<Planted> PlantAsync(Table table, int deletes, int updates, int inserts, int column = 0, int skip = 0)
    {
        string key = KeyText(table);
        var keys = await community.ListAsync<string>($"SELECT {key} FROM {table.Sql} ORDER BY 1");
        string[] added = [.. await InsertAsync(table, inserts)];
        skip = Math.Min(skip, Math.Max(0, keys.Count - deletes - updates));
        string[] gone = [.. keys.Skip(skip).Take(deletes)], changed = [.. keys.Skip(skip + gone.Length).Take(updates)];
        if (gone.Length > 0)
            Assert.Equal(gone.Length, await community.ExecuteAsync($"DELETE FROM {table.Sql} WHERE {key} IN ({List(gone)})"));
        if (changed.Length > 0)
            Assert.Equal(changed.Length, await community.ExecuteAsync($"UPDATE {table.Sql} SET {Assignment(table, column)} WHERE {key} IN ({List(changed)})"));
        return new Planted(gone, changed, added);
    }

    async Task<IReadOnlyList<string>> InsertAsync(Table table, int count)
    {
        var keys = new List<string>();
        for (int i = 0; i < count; i++)
            keys.AddRange(await community.ListAsync<string>($"""
                INSERT INTO {table.Sql} SELECT (jsonb_populate_record(t, jsonb_build_object('{table.Key[0].Name}', 'planted-{i}'))).* FROM {table.Sql} t
                WHERE ctid = (SELECT ctid FROM {table.Sql} WHERE {table.Key[0].Name} NOT LIKE 'planted-%' LIMIT 1) RETURNING {KeyText(table)}
                """));
        return keys;
    }

    static string Assignment(Table table, int number)
    {
        var columns = table.Columns.Where(c => !c.IsKey).ToArray();
        var column = columns[number % columns.Length];
        string value = column.Type switch
        {
            ColumnType.Text => $"coalesce({column.Name}, '') || '~'",
            ColumnType.Timestamp => $"coalesce({column.Name}, '2000-01-01') + interval '1 millisecond'",
            ColumnType.Numeric => $"coalesce({column.Name}, 0) + 0.01",
            _ => $"coalesce({column.Name}, 0) + 1",
        };
        return $"{column.Name} = {value}";
    }

    /// <summary>The key as <c>Difference.Key</c> writes it.</summary>
    static string KeyText(Table table) => $"concat_ws(', ', {string.Join(", ", table.Key.Select(k => $"'{k.Name}=' || {k.Name}"))})";

    static string List(IEnumerable<string> keys) => string.Join(", ", keys.Select(k => $"'{k}'"));
}
