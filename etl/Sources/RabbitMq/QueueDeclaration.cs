namespace Etl.Sources.RabbitMq;

/// <summary>Whether a reader makes the queue that it reads.</summary>
public enum QueueDeclaration
{
    /// <summary>The queue is taken as it is, whatever its type and arguments; where it is absent, that is an error.</summary>
    Passive,

    /// <summary>A durable classic queue, made where it is absent.</summary>
    Classic,

    /// <summary>A durable quorum queue, made where it is absent.</summary>
    Quorum,
}
