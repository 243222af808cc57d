namespace Etl.Marts;

/// <summary>A mart as its own file tells of it, before it is known what the others are.</summary>
/// <param name="NamedAt">Where the file says what is made.</param>
/// <param name="Tokens">Of its SELECT.</param>
/// <param name="CheckTokens">Of its checks.</param>
internal sealed record MartDraft(Mart Mart, (int Line, int Column) NamedAt, List<SqlToken> Tokens, List<SqlToken> CheckTokens);
