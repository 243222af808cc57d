namespace Chaos.Load;

/// <summary>One kind of operation of a workload.</summary>
/// <param name="Weight">How often it is chosen, among the weights of all steps.</param>
/// <param name="RunAsync">One operation. What it throws is a failure, and its message the reason.</param>
public sealed record LoadStep(string Name, int Weight, Func<StepContext, CancellationToken, Task> RunAsync);
