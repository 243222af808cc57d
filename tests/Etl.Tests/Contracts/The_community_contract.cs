using System.Diagnostics;
using Etl.Contracts;
using Tests.Shared;

namespace Etl.Tests.Contracts;

public sealed class The_community_contract
{
    [Fact]
    public void Derives_its_six_tables() => Assert.Equal(
        [
            "users(user_id): user_id text, first_name text, last_name text, age integer, gender text, country text, post_code text, signed_up_at timestamptz, group_id text, messages_per_day integer",
            "subscriptions(subscription_id): subscription_id text, user_id text, subscription_ref text, started_at timestamptz, plan_id text",
            "plans(plan_id): plan_id text, description text, cost numeric, currency text, length integer, length_units text, payment_type text",
            "invoices(invoice_id): invoice_id text, subscription_id text, user_id text, amount numeric, currency text, status text, invoiced_at timestamptz",
            "groups(group_id): group_id text, started_at timestamptz, health_coach text",
            "messages(thread_id, ordinal): thread_id text, ordinal integer, user_id text, group_id text, sent_at timestamptz, body text",
        ],
        Contract().Tables.Select(t => $"{t.Name}({string.Join(", ", t.Key)}): {string.Join(", ", t.Columns.Select(c => $"{c.Name} {c.SqlType.Replace(" COLLATE \"C\"", "", StringComparison.Ordinal)}"))}"));

    static Contract Contract() => ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));

    [Fact]
    public void Knows_its_source_and_days()
    {
        var contract = Contract();
        Assert.Equal(("community", "community", "mongodb", "secondNature"), (contract.Pipeline, contract.WarehouseSchema, contract.SourceKind, contract.Database));
        Assert.Equal(["users signUpDate 10", "groups startDate 10", "messages messages.messageDate 10"], contract.Datasets.Select(d => $"{d.Name} {d.PartitionBy} {d.MaxRejected}"));
        Assert.All(contract.Tables.SelectMany(t => t.Columns).Where(c => c.Type == ColumnType.Text), c => Assert.EndsWith("COLLATE \"C\"", c.SqlType));
        Assert.Equal(["first_name", "last_name", "post_code", "health_coach", "body"], contract.Tables.SelectMany(t => t.Columns).Where(c => c.IsPersonal).Select(c => c.Name));
    }
}
