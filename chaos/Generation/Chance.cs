namespace Chaos.Generation;

/// <summary>Seeded chance: everything here follows from its arguments.</summary>
static class Chance
{
    /// <summary>Mixes two numbers into one (SplitMix64's finaliser).</summary>
    public static ulong Mix(ulong a, ulong b)
    {
        ulong mixed = a * 0x9E3779B97F4A7C15 + b + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return mixed ^ mixed >> 31;
    }

    public static Random Seeded(ulong seed) => new((int)(seed & int.MaxValue));

    /// <summary>True once in so many times.</summary>
    public static bool OneIn(this Random random, int times) => random.Next(times) == 0;

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Picks by weight; weights need not add up to anything.</summary>
    public static T Pick<T>(this Random random, ReadOnlySpan<(int Weight, T Item)> items)
    {
        int total = 0;
        foreach (var (weight, _) in items)
            total += weight;
        int left = random.Next(total);
        foreach (var (weight, item) in items)
            if ((left -= weight) < 0)
                return item;
        throw new InvalidOperationException("Nothing to pick from.");
    }
}
