namespace Etl.Marts;

/// <summary>A text that cannot be SQL.</summary>
/// <param name="offset">Where in the text.</param>
internal sealed class SqlTextException(string message, int offset) : Exception(message)
{
    public int Offset => offset;
}
