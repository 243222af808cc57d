namespace Etl.Marts;

internal enum SqlTokenKind
{
    /// <summary>A name or keyword without quotes, in lower case as PostgreSQL reads it.</summary>
    Word,

    /// <summary>A name in double quotes, without them.</summary>
    Quoted,

    /// <summary>A string constant of whatever kind; its text is not kept.</summary>
    Text,

    /// <summary>A number, or a parameter.</summary>
    Number,

    /// <summary>One character of anything else.</summary>
    Symbol,
}

/// <param name="Offset">Where it begins in the text.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Offset)
{
    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.Quoted;
    public bool Is(char symbol) => Kind == SqlTokenKind.Symbol && Text[0] == symbol;
    public bool IsWord(string word) => Kind == SqlTokenKind.Word && Text == word;
}
