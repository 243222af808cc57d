namespace Chaos.Load;

/// <summary>One slot of a curve over time.</summary>
/// <param name="Second">Where the slot begins, in seconds after measuring began.</param>
/// <param name="Operations">That ended in it, well.</param>
/// <param name="Latency">Of those; null where none ended.</param>
public sealed record SeriesPoint(double Second, long Operations, long Failed, long Documents, LatencyFigures? Latency);
