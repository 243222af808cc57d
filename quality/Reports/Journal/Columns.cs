using System.Text.Json;
using Npgsql;

namespace Quality.Reports.Journal;

static class Columns
{
    /// <summary>Characters kept of a value. A cell may hold sixteen megabytes; a report may not.</summary>
    const int Longest = 300;

    public static long? Long(this NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.GetInt64(i);

    public static double? Double(this NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.GetDouble(i);

    public static string? Text(this NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : Clip(row.GetString(i));

    public static string Clipped(this NpgsqlDataReader row, int i) => Clip(row.GetString(i));

    public static DateTimeOffset Instant(this NpgsqlDataReader row, int i) => row.GetFieldValue<DateTimeOffset>(i);

    public static DateTimeOffset? InstantOrNull(this NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.Instant(i);

    /// <summary>A member as text: strings as they are, other values as JSON, null and absent as null.</summary>
    public static string? Member(this JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : Clip(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());

    public static string Clip(string text)
    {
        if (text.Length <= Longest) return text;
        // Not between the halves of a pair.
        var end = char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest;
        return text[..end] + "…";
    }
}
