namespace Chaos.Corruption;

/// <summary>
/// Injected against detected. A document counts as detected when the expected rule is among those that name it;
/// one that must be loaded as it is, when none does.
/// </summary>
/// <param name="FalseAlarms">Documents that were named and that nobody corrupted.</param>
public sealed record DetectionMatrix(IReadOnlyList<DetectionRow> Rows, IReadOnlyList<DocumentKey> FalseAlarms)
{
    /// <summary>The outcome of a document that no rule named.</summary>
    public const string NoRule = "loaded";

    public int Injected => Rows.Sum(r => r.Injected);
    public int Detected => Rows.Sum(r => r.Detected);

    /// <summary>Nothing missed, nobody wrongly accused, and something to find: an empty matrix proves nothing.</summary>
    public bool IsPerfect => Injected > 0 && Detected == Injected && FalseAlarms.Count == 0;

    /// <param name="quarantined">For each document in quarantine, all rules that its violations name.</param>
    /// <param name="reported">For each document that a check of the warehouse names, those checks. Loaded documents may share a
    /// business key with a corrupted one, so being named by a check alone is no false alarm.</param>
    public static DetectionMatrix Of(
        IEnumerable<CorruptedDocument> injected,
        IReadOnlyDictionary<DocumentKey, IReadOnlyList<string>> quarantined,
        IReadOnlyDictionary<DocumentKey, IReadOnlyList<string>>? reported = null)
    {
        var all = injected.ToList();
        var rows = all.GroupBy(d => d.Kind).OrderBy(g => CorruptionKind.All.TakeWhile(k => k != g.Key).Count()).Select(Row).ToList();
        var known = all.Select(KeyOf).ToHashSet(); // a harmless one in quarantine is missed already, and not counted a second time
        return new DetectionMatrix(rows, [.. quarantined.Keys.Where(k => !known.Contains(k)).OrderBy(k => k.Dataset, StringComparer.Ordinal).ThenBy(k => k.Key, StringComparer.Ordinal)]);

        DetectionRow Row(IGrouping<CorruptionKind, CorruptedDocument> kind)
        {
            var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
            var missed = new List<CorruptedDocument>();
            foreach (var document in kind)
            {
                var rules = RulesOf(document);
                foreach (string rule in rules.DefaultIfEmpty(NoRule))
                    outcomes[rule] = outcomes.GetValueOrDefault(rule) + 1;
                if (!(kind.Key.Rule is { } expected ? rules.Contains(expected) : rules.Count == 0))
                    missed.Add(document);
            }
            int count = kind.Count();
            return new DetectionRow(kind.Key, count, outcomes, count - missed.Count, missed);
        }

        List<string> RulesOf(CorruptedDocument document)
        {
            var held = quarantined.GetValueOrDefault(KeyOf(document), []);
            // What must be loaded and reported is not detected by being refused.
            var named = held.Count > 0 || document.Kind.Outcome != Outcome.Reported ? held : reported?.GetValueOrDefault(KeyOf(document), []) ?? [];
            return [.. named.Distinct()];
        }
    }

    static DocumentKey KeyOf(CorruptedDocument document) => new(document.Dataset, document.Key);
}
