using System.Text;

namespace Etl.Marts;

/// <summary>PostgreSQL's lexical rules, as far as it takes to tell names from what only looks like them (documentation: "Lexical Structure").</summary>
internal static class SqlTokens
{
    /// <exception cref="SqlTextException">A string, name or comment without an end.</exception>
    public static List<SqlToken> Of(string sql)
    {
        var tokens = new List<SqlToken>();
        for (int at = 0; at < sql.Length;)
        {
            int start = at;
            char c = sql[at];
            if (char.IsWhiteSpace(c))
                at++;
            else if (Follows(sql, at, "--"))
                at = sql.IndexOf('\n', at) is >= 0 and var end ? end : sql.Length;
            else if (Follows(sql, at, "/*"))
                at = AfterComment(sql, at);
            else if (c == '\'')
                tokens.Add(new(SqlTokenKind.Text, "", Take(ref at, AfterString(sql, at, escapes: false))));
            else if (c == '"')
            {
                at = AfterQuoted(sql, at);
                tokens.Add(new(SqlTokenKind.Quoted, sql[(start + 1)..(at - 1)].Replace("\"\"", "\""), start));
            }
            else if (c == '$' && DollarTag(sql, at) is { } tag)
            {
                int end = sql.IndexOf(tag, at + tag.Length, StringComparison.Ordinal);
                if (end < 0)
                    throw new SqlTextException($"The text that begins with {tag} has no end.", start);
                tokens.Add(new(SqlTokenKind.Text, "", Take(ref at, end + tag.Length)));
            }
            else if (BeginsName(c))
            {
                while (at < sql.Length && (BeginsName(sql[at]) || char.IsAsciiDigit(sql[at]) || sql[at] == '$'))
                    at++;
                string word = Lower(sql[start..at]);
                // E'…' has backslash escapes; B, N and X only say how the text is meant; U& stands before a text or a name.
                if (word is "e" or "b" or "n" or "x" && at < sql.Length && sql[at] == '\'')
                    tokens.Add(new(SqlTokenKind.Text, "", Take(ref at, AfterString(sql, at, escapes: word == "e"), start)));
                else if (word == "u" && Follows(sql, at, "&'"))
                    tokens.Add(new(SqlTokenKind.Text, "", Take(ref at, AfterString(sql, at + 1, escapes: false), start)));
                else if (word == "u" && Follows(sql, at, "&\""))
                    throw new SqlTextException("Names in the form U&\"…\" are not read here; write the characters themselves.", start);
                else
                    tokens.Add(new(SqlTokenKind.Word, word, start));
            }
            else if (char.IsAsciiDigit(c) || c == '$')
            {
                at++;
                while (at < sql.Length && (char.IsAsciiLetterOrDigit(sql[at]) || sql[at] is '_' or '.'))
                    at++;
                tokens.Add(new(SqlTokenKind.Number, sql[start..at], start));
            }
            else
                tokens.Add(new(SqlTokenKind.Symbol, sql[at++].ToString(), start));
        }
        return tokens;
    }

    /// <summary>Every name with another before it and a dot between: schema and table, or an alias and its column.</summary>
    public static IEnumerable<(string Schema, string Name, int Offset)> QualifiedNames(IReadOnlyList<SqlToken> tokens)
    {
        for (int i = 2; i < tokens.Count; i++)
            if (tokens[i - 1].Is('.') && tokens[i].IsName && tokens[i - 2].IsName)
                yield return (tokens[i - 2].Text, tokens[i].Text, tokens[i - 2].Offset);
    }

    static int Take(ref int at, int end, int? start = null)
    {
        int began = start ?? at;
        at = end;
        return began;
    }

    static bool Follows(string sql, int at, string text) => string.CompareOrdinal(sql, at, text, 0, text.Length) == 0;

    static bool BeginsName(char c) => char.IsAsciiLetter(c) || c == '_' || c > '\x7f';

    /// <summary>PostgreSQL folds ASCII alone in a database of UTF-8.</summary>
    static string Lower(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (char c in name)
            folded.Append(char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c);
        return folded.ToString();
    }

    static int AfterComment(string sql, int start)
    {
        int depth = 0;
        for (int at = start; at < sql.Length;)
            if (Follows(sql, at, "/*"))
                (depth, at) = (depth + 1, at + 2);
            else if (!Follows(sql, at, "*/"))
                at++;
            else if (--depth == 0)
                return at + 2;
            else
                at += 2;
        throw new SqlTextException("The comment that begins with /* has no end; they nest.", start);
    }

    static int AfterString(string sql, int quote, bool escapes)
    {
        for (int at = quote + 1; at < sql.Length; at++)
            if (escapes && sql[at] == '\\')
                at++;
            else if (sql[at] == '\'')
                if (at + 1 < sql.Length && sql[at + 1] == '\'')
                    at++;
                else
                    return at + 1;
        throw new SqlTextException("The text that begins with ' has no end.", quote);
    }

    static int AfterQuoted(string sql, int quote)
    {
        for (int at = quote + 1; at < sql.Length; at++)
            if (sql[at] == '"')
                if (at + 1 < sql.Length && sql[at + 1] == '"')
                    at++;
                else
                    return at + 1;
        throw new SqlTextException("The name that begins with \" has no end.", quote);
    }

    /// <summary>$$ or $name$; null where the dollar is that of a parameter.</summary>
    static string? DollarTag(string sql, int at)
    {
        int end = at + 1;
        while (end < sql.Length && (BeginsName(sql[end]) || end > at + 1 && char.IsAsciiDigit(sql[end])))
            end++;
        return end < sql.Length && sql[end] == '$' ? sql[at..(end + 1)] : null;
    }
}
