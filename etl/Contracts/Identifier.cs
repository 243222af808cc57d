using System.Security.Cryptography;
using System.Text;

namespace Etl.Contracts;

/// <summary>Names in SQL: the one place that quotes, and the one that makes a column's name of a field's.</summary>
public static class Identifier
{
    /// <summary>PostgreSQL's limit, in bytes of UTF-8; longer names would be cut without a word.</summary>
    public const int MaxBytes = 63;

    /// <exception cref="ArgumentException">A NUL, which no identifier can hold.</exception>
    public static string Quote(string name) => name.Contains('\0')
        ? throw new ArgumentException($"'{name.Replace("\0", "\\0")}' cannot be an SQL name: it contains NUL.")
        : $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>A name of our own making within PostgreSQL's limit: a long one ends in its hash instead of being cut, so that two never become one.</summary>
    public static string Fit(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxBytes)
            return name;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
        int length = Math.Min(name.Length, MaxBytes - hash.Length - 1);
        while (length < name.Length && char.IsLowSurrogate(name[length]) || Encoding.UTF8.GetByteCount(name.AsSpan(0, length)) > MaxBytes - hash.Length - 1)
            length--;
        return $"{name[..length]}_{hash}";
    }

    public static string QuoteAll(IEnumerable<string> names, string prefix = "") =>
        string.Join(", ", names.Select(n => prefix + Quote(n)));

    /// <summary>camelCase and PascalCase to snake_case; other characters than letters and digits become one underscore.</summary>
    public static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            char c = name[i];
            if (!char.IsLetterOrDigit(c))
            {
                if (result.Length > 0 && result[^1] != '_')
                    result.Append('_');
                continue;
            }
            bool begins = char.IsUpper(c) && i > 0
                && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1]) || char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1]));
            if (begins && result.Length > 0 && result[^1] != '_')
                result.Append('_');
            result.Append(char.ToLowerInvariant(c));
        }
        return result.ToString().TrimEnd('_');
    }
}
