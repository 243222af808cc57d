using Etl.Loading;

namespace Quality.Commands;

/// <summary>A command was asked to stop, and did; the message says what is durable.</summary>
internal sealed class InterruptedException(string message, Exception inner) : OperationCanceledException(message, inner)
{
    /// <summary>What <c>--json</c> prints in place of the result; a command that knows more than this says more.</summary>
    public object Document { get; init; } = DocumentOf(message);

    /// <summary>Said of any command: it was stopped, so nothing was judged.</summary>
    public static object DocumentOf(string reason) => new { verdict = Verdict.Unknown.Word(), interrupted = true, reason };
}
