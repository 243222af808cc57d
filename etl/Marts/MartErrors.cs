namespace Etl.Marts;

/// <summary>Everything that is wrong with the marts of one pipeline.</summary>
/// <param name="folder">That of the contract, as messages name it.</param>
internal sealed class MartErrors(string folder)
{
    readonly List<(string File, int Line, int Column, string Message)> errors = [];

    public void Add(string file, int line, int column, string message) => errors.Add((file, line, column, message));

    public void Add(SqlText sql, int offset, string message) => Add(sql.File, sql.PlaceOf(offset).Line, sql.PlaceOf(offset).Column, message);

    /// <exception cref="UsageException">One line an error: file:line:column: message.</exception>
    public void Throw()
    {
        if (errors.Count > 0)
            throw new UsageException(string.Join('\n', errors.Distinct().OrderBy(e => e.File, StringComparer.Ordinal).ThenBy(e => (e.Line, e.Column))
                .Select(e => $"{Path.Combine(folder, e.File)}:{e.Line}:{e.Column}: {e.Message}")));
    }
}
