namespace Chaos.MongoEmulator.FailPoints;

/// <summary>When a fail point fires, as mongod's <c>mode</c> says it.</summary>
public readonly record struct FailPointMode
{
    internal enum Kind
    {
        Off,
        AlwaysOn,
        Times,
        Skip,
        Probability,
    }

    internal Kind When { get; private init; }
    internal long Count { get; private init; }
    internal double Chance { get; private init; }

    public static readonly FailPointMode Off = default;
    public static readonly FailPointMode AlwaysOn = new() { When = Kind.AlwaysOn };

    /// <summary>For the next <paramref name="count"/> commands it applies to, then never again.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public static FailPointMode Times(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new() { When = Kind.Times, Count = count };
    }

    /// <summary>Not for the next <paramref name="count"/> commands it applies to, then always.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public static FailPointMode Skip(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new() { When = Kind.Skip, Count = count };
    }

    /// <param name="chance">0 to 1, for each command it applies to; drawn from the server's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside of that.</exception>
    public static FailPointMode Probability(double chance) => chance is >= 0 and <= 1
        ? new() { When = Kind.Probability, Chance = chance }
        : throw new ArgumentOutOfRangeException(nameof(chance), chance, "A probability is from 0 to 1.");
}
