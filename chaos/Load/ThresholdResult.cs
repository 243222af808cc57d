namespace Chaos.Load;

/// <param name="Measured">For people, with its unit.</param>
public sealed record ThresholdResult(string Threshold, string Step, string Measured, bool Holds);
