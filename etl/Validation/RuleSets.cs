using Etl.Contracts;
using FluentValidation;

namespace Etl.Validation;

/// <summary>Which rule sets run for which dataset. Given to <see cref="ContractReader.Read(string, RuleSets?)"/>; whoever has the contract then has them.</summary>
/// <example><code>
/// var contract = ContractReader.Read("pipelines/community", new RuleSets().Add("users", new Billing()));
/// </code></example>
public sealed class RuleSets
{
    readonly List<(string Dataset, IValidator<DocumentView> Rules)> added = [];

    /// <param name="rules">Used by many threads at once, as FluentValidation's validators can be.</param>
    public RuleSets Add(string dataset, IValidator<DocumentView> rules)
    {
        added.Add((dataset, rules));
        return this;
    }

    /// <exception cref="UsageException">Rules for a dataset that the contract does not have.</exception>
    internal void GiveTo(Contract contract)
    {
        foreach (var (name, _) in added)
            if (contract.Datasets.All(d => d.Name != name))
                throw new UsageException($"Rule sets are given to dataset '{name}', which contract '{contract.Pipeline}' does not have.{Names.DidYouMean(name, [.. contract.Datasets.Select(d => d.Name)])}");
        foreach (var dataset in contract.Datasets)
            dataset.RuleSets = [.. added.Where(a => a.Dataset == dataset.Name).Select(a => a.Rules)];
    }
}
