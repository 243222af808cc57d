namespace Etl.Sources;

/// <summary>What a source says of itself.</summary>
/// <param name="Name">For people, without secrets: <c>mongodb 6.0.0 at mongodb://db1:27017</c>; says <c>emulator</c> when it is one.</param>
/// <param name="ClusterTime">MongoDB's operation time: seconds in the upper, an ordinal in the lower 32 bits; null where the source has none.</param>
public sealed record SourceDescription(string Name, ulong? ClusterTime);
