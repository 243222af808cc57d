namespace Quality.Reconciliation;

/// <summary>A document whose rows are not compared.</summary>
/// <param name="Key">Its key as canonical Extended JSON.</param>
/// <param name="Rule">Null: it is in quarantine. Otherwise the contract refuses it and nobody has seen it yet: that is a difference.</param>
internal sealed record LeftOut(string Key, byte[] Position, string? Rule)
{
    /// <summary>Whether the warehouse still has rows of an older version.</summary>
    public bool HasRows { get; set; }
}
