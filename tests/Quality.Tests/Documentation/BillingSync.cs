using Etl.Contracts;
using Etl.Loading;
using Etl.Sources.Mongo;
using Etl.Validation;
using FluentValidation;

namespace Quality.Tests.Documentation;

/// <summary>What the contract of users cannot say.</summary>
sealed class Billing : RuleSet
{
    public Billing()
    {
        Number("age").GreaterThanOrEqualTo(18).WithErrorCode("adult");
        Date("subscriptions.startDate").Must((user, start) => start is null || start >= user.Date("signUpDate")).WithErrorCode("startsAfterSignUp");
        Text("country").NotEqual("XX").WithErrorCode("country").WithSeverity(Severity.Warning);
    }
}

/// <summary>A validator that knows nothing of <see cref="RuleSet"/> joins in likewise.</summary>
sealed class FewInvoices : AbstractValidator<DocumentView>
{
    public FewInvoices() => RuleFor(user => user.Count("subscriptions.invoices") ?? 0).LessThan(100).OverridePropertyName("subscriptions.invoices").WithErrorCode("fewInvoices");
}

static class BillingSync
{
    public static async Task<SyncResult> RunAsync(string pipeline, string mongo, string warehouse, CancellationToken cancellation)
    {
        var rules = new RuleSets().Add("users", new Billing()).Add("users", new FewInvoices());
        var contract = ContractReader.Read(pipeline, rules);
        await using var source = new MongoSource(mongo, contract);
        await using var tables = new Warehouse(warehouse);
        return await new Synchronizer(contract, source, tables, TimeProvider.System).RunAsync(new SyncOptions(), cancellation);
    }
}
