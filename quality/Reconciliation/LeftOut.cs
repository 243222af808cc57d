using System.Text;
using Etl.Contracts;
using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>A document whose rows are not compared.</summary>
/// <param name="Key">Its key as canonical Extended JSON.</param>
/// <param name="Rule">Null: it is in quarantine. Otherwise the contract refuses it and nobody has seen it yet: that is a difference.</param>
internal sealed record LeftOut(string Key, byte[] Position, string? Rule)
{
    /// <summary>Whether the warehouse still has rows of an older version.</summary>
    public bool HasRows { get; set; }

    /// <summary>A document that nobody has seen yet, as a difference of its root table.</summary>
    public Difference ToDifference(Table root) =>
        new(root, HasRows ? DifferenceKind.Changed : DifferenceKind.Missing, $"document {Key}", "{}", Position,
            [new Cell("(document)", "bson", $"refused by rule {Rule}, not yet in quarantine", HasRows ? "an older version" : null, false)])
        {
            IsUnseen = true,
            Trace = new RowTrace(Hash128.Of(Encoding.UTF8.GetBytes($"document {Key}")), Hash128.Of(Encoding.UTF8.GetBytes(Rule!)), HasRows ? default(Hash128) : null, []),
        };
}
