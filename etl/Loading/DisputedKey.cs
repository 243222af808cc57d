using Etl.Contracts;

namespace Etl.Loading;

/// <summary>A key of a shared dimension that different documents give different values.</summary>
/// <param name="Values">How many different rows were given.</param>
public sealed record DisputedKey(Table Table, string Key, long Values)
{
    const string Masked = "***";

    /// <summary>The key as people may see it.</summary>
    public string Shown => Table.Key.Any(c => c.IsPersonal) ? Masked : Key;
}
