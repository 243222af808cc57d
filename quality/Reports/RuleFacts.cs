namespace Quality.Reports;

/// <summary>A rule, and what broke it in the latest sync.</summary>
/// <param name="Demand">Completes "must …"; null where nobody could say.</param>
/// <param name="Refused">Documents refused by it: it was the first that they broke. These sum up to the documents in quarantine.</param>
/// <param name="Broken">Documents that broke it, whatever else they broke.</param>
/// <param name="Sample">One of the reasons; personal values are masked.</param>
public sealed record RuleFacts(string Dataset, string Path, string Rule, string? Demand, long Refused, long Broken, string? Sample)
{
    /// <summary>Each rule of the contract with what broke it, and then what was broken that the contract does not spell out. What refused most comes first.</summary>
    public static IReadOnlyList<RuleFacts> Of(ContractFacts contract, IReadOnlyList<RuleFacts> broken)
    {
        var found = broken.ToDictionary(b => (b.Dataset, b.Path, b.Rule));
        List<RuleFacts> all = [];
        foreach (var rule in contract.Rules)
            all.Add(found.Remove((rule.Dataset, rule.Path, rule.Rule), out var hit) ? hit with { Demand = rule.Demand } : new(rule.Dataset, rule.Path, rule.Rule, rule.Demand, 0, 0, null));
        // Sorting is stable: what nothing broke keeps the contract's order.
        return [.. all.Concat(found.Values.Select(f => f with { Demand = contract.Implied.GetValueOrDefault(f.Rule) })).OrderByDescending(r => r.Refused).ThenByDescending(r => r.Broken)];
    }
}
