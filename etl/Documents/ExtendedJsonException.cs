namespace Etl.Documents;

/// <summary>Text that is not JSON, or not Extended JSON: what is wrong, and where. Values are not quoted: they may be personal.</summary>
public sealed class ExtendedJsonException(string problem, long offset, long line, long column, string path)
    : Exception($"Not valid Extended JSON: {problem} at line {line}, byte {column}{(path.Length == 0 ? "" : $" (in {path})")}.")
{
    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>Bytes from the start of the text.</summary>
    public long Offset { get; } = offset;

    /// <summary>Counted from 1.</summary>
    public long Line { get; } = line;

    /// <summary>Bytes from the start of the line, counted from 1.</summary>
    public long Column { get; } = column;

    /// <summary>Dotted path of the value, array elements by their index; empty at the top.</summary>
    public string Path { get; } = path;
}
