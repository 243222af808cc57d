namespace Etl.Documents;

/// <summary>Bytes that are not a BSON document: what is wrong, and where.</summary>
public sealed class BsonException(string problem, int offset, string path = "")
    : Exception($"Not a valid BSON document: {problem} at byte {offset}{(path.Length == 0 ? "" : $" (in {path})")}.")
{
    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>Bytes from the start of the outermost document.</summary>
    public int Offset { get; } = offset;

    /// <summary>Dotted path of the element, as far as it is known; empty at the top.</summary>
    public string Path { get; } = path;
}
