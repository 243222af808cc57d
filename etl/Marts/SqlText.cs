namespace Etl.Marts;

/// <summary>A piece of SQL out of a file, and where it stands there.</summary>
/// <param name="File">As messages name it: <c>marts/signups.sql</c>.</param>
/// <param name="Lines">Line and column in the file, from 1, where each line of the text begins.</param>
public sealed record SqlText(string Text, string File, IReadOnlyList<(int Line, int Column)> Lines)
{
    /// <summary>Line and column of a character in the file.</summary>
    public (int Line, int Column) PlaceOf(int offset)
    {
        var before = Text.AsSpan(0, Math.Clamp(offset, 0, Text.Length));
        int line = before.Count('\n');
        var (fileLine, column) = Lines[Math.Min(line, Lines.Count - 1)];
        return (fileLine, column + before.Length - (before.LastIndexOf('\n') + 1));
    }

    /// <summary><c>marts/signups.sql:12:8</c>.</summary>
    public string At(int offset) => PlaceOf(offset) is var (line, column) ? $"{File}:{line}:{column}" : File;
}
