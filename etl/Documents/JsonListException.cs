namespace Etl.Documents;

/// <summary>A stream that is no list of JSON values: what is wrong, and at which byte. Values are not quoted: they may be personal.</summary>
public sealed class JsonListException(string problem, long offset, bool isCut = false)
    : Exception($"Not a JSON list: {problem} at byte {offset:N0}.")
{
    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>Bytes from the start of the stream.</summary>
    public long Offset { get; } = offset;

    /// <summary>Whether the stream ended before the list did. Otherwise it went wrong where it went on.</summary>
    public bool IsCut { get; } = isCut;
}
