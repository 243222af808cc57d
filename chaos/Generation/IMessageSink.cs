namespace Chaos.Generation;

/// <summary>Where generated messages go. One small door, so that tests need no broker.</summary>
public interface IMessageSink
{
    /// <summary>Sends messages, in this order; returns when all are safe. An error of the broker is thrown, never swallowed.</summary>
    Task PublishAsync(IReadOnlyList<byte[]> bodies, CancellationToken cancellation = default);
}
