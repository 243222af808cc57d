namespace Chaos.Corruption;

/// <summary>How one kind breaks one place; null where it cannot without breaking something else as well.</summary>
delegate Change? Breaker(Place place, Demands demands, Random random);
