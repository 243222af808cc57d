namespace Chaos.Load;

/// <summary>What an operation is given.</summary>
/// <param name="Random">Follows from the seed and the operation's number, whoever runs it.</param>
/// <param name="done">Told of documents.</param>
public sealed class StepContext(Random random, Action<long> done)
{
    public Random Random { get; } = random;

    /// <summary>So many more documents were moved, right now: an operation may take long, and the curve should know when it did what.</summary>
    public void Done(long documents) => done(documents);
}
