using System.Text;
using Etl.Contracts;

namespace Etl.Marts;

/// <summary>Reads the marts of a pipeline: <c>marts/*.sql</c> in the folder of its contract.</summary>
public static class MartReader
{
    public const string FolderName = "marts";

    static readonly string[] Keys = ["table", "view", "description", "key", "column", "check"];

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="folder">That of contract.yaml.</param>
    /// <param name="tables">Those of the contract.</param>
    /// <returns>The marts in the order to make them: each after those that it reads.</returns>
    /// <exception cref="UsageException">Every error of all files, one a line, with file, line and column.</exception>
    public static IReadOnlyList<Mart> Read(string folder, IReadOnlyList<Table> tables)
    {
        string inside = Path.Combine(folder, FolderName);
        if (!Directory.Exists(inside))
            return [];
        var errors = new MartErrors(folder);
        var drafts = new List<MartDraft>();
        foreach (string path in Directory.EnumerateFiles(inside, "*.sql").Order(StringComparer.Ordinal))
            if (Draft(path, $"{FolderName}/{Path.GetFileName(path)}", errors) is { } draft)
                if (drafts.FirstOrDefault(d => d.Mart.QualifiedName == draft.Mart.QualifiedName) is { } other)
                    errors.Add(draft.Mart.Select.File, draft.NamedAt.Line, draft.NamedAt.Column, $"Mart '{draft.Mart}' is already made by {other.Mart.Select.File}.");
                else if (tables.FirstOrDefault(t => t.QualifiedName == draft.Mart.QualifiedName) is { } table)
                    errors.Add(draft.Mart.Select.File, draft.NamedAt.Line, draft.NamedAt.Column, $"'{draft.Mart}' is the table that the contract loads from '{table.Dataset.Name}'. Give the mart another name.");
                else
                    drafts.Add(draft);
        errors.Throw();
        var ordered = MartOrder.Of(drafts, errors);
        errors.Throw();
        foreach (var draft in ordered)
            Complete(draft, tables);
        return [.. ordered.Select(d => d.Mart)];
    }

    static MartDraft? Draft(string path, string file, MartErrors errors)
    {
        string text;
        try
        {
            text = File.ReadAllText(path, Strict);
        }
        catch (DecoderFallbackException)
        {
            errors.Add(file, 1, 1, "The file is not UTF-8. Save it as that.");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(file, 1, 1, $"The file cannot be read: {e.Message}");
            return null;
        }
        var header = MartHeader.Read(text, file, errors);
        foreach (var entry in header.Entries)
        {
            bool takesName = entry.Key is "column" or "check";
            if (!Keys.Contains(entry.Key))
                errors.Add(file, entry.Line, 1, $"A mart's header has no '{entry.Key}'.{Names.DidYouMean(entry.Key, Keys)}");
            else if (takesName != entry.Name.Length > 0)
                errors.Add(file, entry.Line, 1, takesName ? $"Write '-- {entry.Key} NAME: …'." : $"'{entry.Key}' takes no name; write '-- {entry.Key}: …'.");
            else if (header.Entries.First(e => e.Key == entry.Key && e.Name == entry.Name) is var first && first != entry)
                errors.Add(file, entry.Line, 1, $"'{entry.Key}{(takesName ? " " : "")}{entry.Name}' stands already in line {first.Line}.");
            else if (entry.Prose.Length == 0)
                errors.Add(file, entry.Line, 1, $"'{entry.Key}{(takesName ? " " : "")}{entry.Name}' has no value.");
        }
        var select = Statement(header.Body, "Below its header a mart's file has one SELECT", errors, out var tokens);
        var named = header.Entries.Where(e => e.Key is "table" or "view").ToArray();
        if (named.Length != 1)
        {
            errors.Add(file, named.Length == 0 ? 1 : named[1].Line, 1, named.Length == 0 ? "The header does not say what is made. Begin with '-- table: schema.name' or '-- view: schema.name'." : "A file makes one table or one view; leave 'table' or 'view' out.");
            return null;
        }
        bool isView = named[0].Key == "view";
        var key = header.Entries.FirstOrDefault(e => e.Key == "key");
        if (isView && key is not null)
            errors.Add(file, key.Line, 1, "A view has no key; leave it out, or make a table.");
        if (!isView && key is null)
            errors.Add(file, named[0].Line, 1, "A table needs a key: say '-- key: column, column', the columns that tell its rows apart.");
        var checks = header.Entries.Where(e => e.Key == "check").Select(e => (e.Name, Sql: Statement(e.Value, $"Check '{e.Name}' is one SELECT that gives 0", errors, out var t), Tokens: t)).ToArray();
        if (Parts(named[0], '.', errors) is not [var schema, var name])
        {
            errors.Add(file, named[0].Line, 1, $"'{named[0].Prose}' is no name with its schema. Write '-- {named[0].Key}: schema.name'.");
            return null;
        }
        foreach (string identifier in (string[])[schema, name])
            if (Encoding.UTF8.GetByteCount(identifier) > Identifier.MaxBytes)
                errors.Add(file, named[0].Line, 1, $"'{identifier}' is longer than PostgreSQL's {Identifier.MaxBytes} bytes.");
        if (!ContractReader.CanBeSchema(schema))
            errors.Add(file, named[0].Line, 1, $"Marts cannot be kept in schema '{schema}'. Name another.");
        if (select is null)
            return null;
        var mart = new Mart
        {
            Schema = schema,
            Name = name,
            IsView = isView,
            Description = header.Entries.FirstOrDefault(e => e.Key == "description")?.Prose ?? "",
            Key = key is null ? [] : KeyOf(key, errors),
            Columns = header.Entries.Where(e => e.Key == "column").DistinctBy(e => e.Name).ToDictionary(e => e.Name, e => e.Prose),
            Checks = [.. checks.Where(c => c.Sql is not null).Select(c => new MartCheck(c.Name, c.Sql!))],
            Select = select,
        };
        return new MartDraft(mart, named[0].Value.Lines[0], tokens, [.. checks.SelectMany(c => c.Tokens)]);
    }

    static IReadOnlyList<string> KeyOf(MartHeader.Entry key, MartErrors errors)
    {
        if (Parts(key, ',', errors) is not { } columns)
        {
            errors.Add(key.Value.File, key.Line, 1, $"'{key.Prose}' are no names of columns. Write '-- key: column, column'.");
            return [];
        }
        foreach (string twice in columns.GroupBy(c => c).Where(c => c.Count() > 1).Select(c => c.Key))
            errors.Add(key.Value.File, key.Line, 1, $"Column '{twice}' stands twice in the key.");
        return columns;
    }

    /// <summary>Names with one character between them, read as SQL reads them; null: that is not what stands there.</summary>
    static IReadOnlyList<string>? Parts(MartHeader.Entry entry, char between, MartErrors errors)
    {
        var tokens = Tokens(entry.Value, errors);
        return tokens.Count % 2 == 1 && tokens.Index().All(t => t.Index % 2 == 0 ? t.Item is { IsName: true, Text.Length: > 0 } : t.Item.Is(between))
            ? [.. tokens.Where(t => t.IsName).Select(t => t.Text)] : null;
    }

    static List<SqlToken> Tokens(SqlText sql, MartErrors errors)
    {
        try
        {
            return SqlTokens.Of(sql.Text);
        }
        catch (SqlTextException e)
        {
            errors.Add(sql, e.Offset, e.Message);
            return [];
        }
    }

    /// <summary>The text up to a semicolon at its end; null: it is not one SELECT.</summary>
    static SqlText? Statement(SqlText sql, string what, MartErrors errors, out List<SqlToken> tokens)
    {
        tokens = [];
        try
        {
            tokens = SqlTokens.Of(sql.Text);
        }
        catch (SqlTextException e)
        {
            errors.Add(sql, e.Offset, e.Message);
            return null;
        }
        int end = tokens.FindIndex(t => t.Is(';'));
        if (tokens.Count == 0 || end == 0)
            errors.Add(sql, 0, $"{what}; there is none.");
        else if (!tokens[0].IsWord("select") && !tokens[0].IsWord("with"))
            errors.Add(sql, tokens[0].Offset, $"{what}, and nothing else; this begins with '{Shown(sql.Text, tokens[0])}'.");
        else if (end >= 0 && tokens.Skip(end).FirstOrDefault(t => !t.Is(';')) is { Text: not null } second)
            errors.Add(sql, second.Offset, $"{what}; a second statement begins here.");
        else
            return end < 0 ? sql : sql with { Text = sql.Text[..tokens[end].Offset] };
        return null;
    }

    static string Shown(string sql, SqlToken token) => token.Kind == SqlTokenKind.Text ? sql[token.Offset].ToString() : token.Text;

    /// <summary>What follows from the tokens: needed tables, and whether anything personal can be in it. The marts that it reads are complete.</summary>
    static void Complete(MartDraft draft, IReadOnlyList<Table> tables)
    {
        var mart = draft.Mart;
        var named = SqlTokens.QualifiedNames(draft.Tokens).Concat(SqlTokens.QualifiedNames(draft.CheckTokens)).Select(n => (n.Schema, n.Name)).ToHashSet();
        mart.Needs = [.. tables.Where(t => named.Contains((t.Schema, t.Name)))];
        var personal = tables.SelectMany(t => t.Columns).Where(c => c.Field is { HoldsPersonal: true }).Select(c => c.Name).ToHashSet();
        mart.MayBePersonal = personal.Count > 0 && (mart.Reads.Any(r => r.MayBePersonal) || draft.Tokens.Index().Any(t => t.Item.IsName && personal.Contains(t.Item.Text) || TakesAll(draft.Tokens, t.Index)));
    }

    /// <summary>Whether a star stands for columns: SELECT *, a.*, not count(*) or 2 * 3.</summary>
    static bool TakesAll(List<SqlToken> tokens, int at) => tokens[at].Is('*') && at > 0
        && (tokens[at - 1].Is('.') || tokens[at - 1].Is(',') || tokens[at - 1] is { Kind: SqlTokenKind.Word, Text: "select" or "distinct" or "all" });
}
