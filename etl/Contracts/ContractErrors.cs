using YamlDotNet.Core;

namespace Etl.Contracts;

/// <summary>Everything that is wrong with one contract file, each with line and column.</summary>
internal sealed class ContractErrors(string file)
{
    readonly List<(long Line, long Column, string Message)> errors = [];

    public void Add(Mark mark, string message)
    {
        message = message.ReplaceLineEndings(@"\n"); // a name may hold them, and each error is one line
        if (!errors.Contains((mark.Line, mark.Column, message)))
            errors.Add((mark.Line, mark.Column, message));
    }

    /// <exception cref="UsageException">One line an error: file:line:column: message.</exception>
    public void Throw()
    {
        if (errors.Count > 0)
            throw new UsageException(string.Join('\n', errors.Order().Select(e => $"{file}:{e.Line}:{e.Column}: {e.Message}")));
    }
}
