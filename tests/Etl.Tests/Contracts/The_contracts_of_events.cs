using Etl.Contracts;

namespace Etl.Tests.Contracts;

/// <summary>Scripts outside of this repository depend on the names in the three shipped contracts.</summary>
public sealed class The_contracts_of_events
{
    static Contract Of(string pipeline) => ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", pipeline));

    static string[] Tables(Contract contract) => [.. contract.Tables.Select(t => $"{t.QualifiedName}({string.Join(", ", t.Columns.Select(c => $"{(c.IsKey ? "*" : "")}{c.Name} {c.Type.SqlName()}"))})")];

    [Fact]
    public void Has_users_and_cards()
    {
        var cards = Of("cards");
        Assert.Equal(
        [
            "cards.user_events(*event_id text, event_at timestamptz, id bigint, name text, address text, job text, score double precision)",
            "cards.users(*id bigint, name text, address text, job text, score double precision)",
            "cards.card_events(*event_id text, event_at timestamptz, card_id bigint, user_id bigint, created_by_name text, active boolean, created_at timestamptz, updated_at timestamptz)",
            "cards.cards(*id bigint, user_id bigint, created_by_name text, active boolean, created_at timestamptz, updated_at timestamptz)",
        ], Tables(cards));
        Assert.All(cards.Datasets, d => Assert.Equal((30, true), (d.MaxRejected, d.LoadsEvents)));
    }

    [Fact]
    public void Has_events_users_and_organizations_of_the_crm()
    {
        var crm = Of("crm");
        Assert.Equal(
        [
            "raw.user_events(*event_sk bigint, id bigint, event_type text, username text, user_email text, user_type text, organization_name text, plan_name text, received_at timestamptz)",
            "crm.users_dim(*event_sk bigint, id bigint, username text, user_email text, user_type text, organization_name text, plan_name text, valid_from timestamptz, valid_to timestamptz, is_valid boolean, is_deleted boolean)",
            "crm.organizations_dim(*organization_key text, organization_name text, created_at timestamptz)",
        ], Tables(crm));
        Assert.Equal([("queue", "rabbitmq", true), ("organizations", "csv", false)], crm.Datasets.Select(d => (d.Server.Name, d.Server.Kind, d.LoadsEvents)));
    }

    [Fact]
    public void Has_product_events()
    {
        var product = Of("product-events");
        var table = Assert.Single(product.Tables);
        Assert.Equal("product_events.user_events", table.QualifiedName);
        Assert.Equal(["device_id", "event_time"], table.Key.Select(k => k.Name));
        string[] expected =
        [
            "amp_id bigint", "city text", "client_event_time bigint", "client_upload_time bigint", "country text", "data_type text", "date timestamptz", "device_id text", "event_time bigint",
            "event_type text", "group_first_event jsonb", "group_ids jsonb", "initial_li_fat_id text", "initial_rtd_cid text", "language text", "path text", "processed_time bigint", "region text",
            "server_received_time bigint", "server_upload_time bigint", "user_corporate_id bigint", "user_corporate_is_demo boolean", "user_corporate_status text", "user_id bigint",
            "user_properties_updated boolean", "user_role text", "user_signup_date text", "user_status text",
        ];
        Assert.Equal(expected, table.Columns.Select(c => $"{c.Name} {c.Type.SqlName()}").Order(StringComparer.Ordinal));
        Assert.Equal("inserted_at_utc", table.InsertedAt);
        string[] required = ["date", "data.path", "event_type", "device_id", "server_upload_time", "server_received_time", "user_id", "processed_time", "client_event_time", "client_upload_time", "amp_id", "data_type", "event_time"];
        Assert.Equal(required.Order(), table.Columns.Where(c => c.Field!.Constraints.Required).Select(c => c.Field!.Path).Order());
    }
}
