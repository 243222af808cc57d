using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;
using Quality.Commands.Quarantine;
using Quality.Tests.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Commands;

public sealed class A_shown_document
{
    static readonly Dataset Users = ContractReader.Read(SyncedCommunity.ShippedContract).Datasets[0];

    static byte[] User(Action<BsonWriter> more) => Bson.Make(w =>
    {
        w.Write("_id", 7).Write("firstname", "Canary").Write("age", 431);
        more(w);
    });

    static string Text(byte[] document, Disclosure disclosure, params Violation[] violations) => string.Join('\n',
        DocumentListing.Of(Users, document, violations, disclosure).Select(l => $"{new string(' ', l.Depth)}{l.Text}{(l.Broken.Count > 0 ? " <-- " + string.Join(",", l.Broken) : "")}"));

    static Violation Broken(string rule, string path) => new(rule, path, "", "");

    [Fact]
    public void Has_its_broken_places_marked() => Assert.Equal("""
        {
         _id: 7
         firstname: *** (string)
         age: 431 <-- maximum,exact
         signUpDate: (missing) <-- required
        }
        """, Text(User(_ => { }), new Disclosure(false), Broken("maximum", "age"), Broken("exact", "age"), Broken("required", "signUpDate")));

    [Fact]
    public void Has_marks_inside_arrays_and_objects() => Assert.Equal("""
        {
         _id: 7
         firstname: *** (string)
         age: 431
         subscriptions: {
          invoices: [
           {
            amount: 1
           }
           {
            amount: "two" <-- type
            info: {
             date: (missing) <-- required
            }
           }
           5 <-- type
          ]
         }
        }
        """, Text(User(w => w.BeginDocument("subscriptions").BeginArray("invoices").BeginDocument().Write("amount", 1).End().BeginDocument().Write("amount", "two").BeginDocument("info").End().End().Write("", 5).End().End()),
        new Disclosure(false), Broken("type", "subscriptions.invoices[1].amount"), Broken("required", "subscriptions.invoices[1].info.date"), Broken("type", "subscriptions.invoices[2]")));

    [Fact]
    public void Masks_what_is_personal_and_what_nobody_described()
    {
        byte[] document = User(w => w.Write("nickname", "Canary").BeginDocument("unknown").Write("a", "Canary").End().BeginArray("list").Write("Canary").End()
            .BeginDocument("postCode").Write("inside", "Canary").End().BeginArray("lastname").Write("Canary").End());
        foreach (string shown in (string[])[Text(document, new Disclosure(false)), ExtendedJson.ToString(MaskedBson.Of(Users, document, new Disclosure(false)))])
        {
            Assert.DoesNotContain("Canary", shown);
            Assert.Contains("431", shown);
        }
        foreach (string shown in (string[])[Text(document, new Disclosure(true)), ExtendedJson.ToString(MaskedBson.Of(Users, document, new Disclosure(true)))])
            Assert.Equal(6, shown.Split("Canary").Length - 1);
    }

    [Fact]
    public void Shows_everything_in_a_value_that_is_described_and_not_personal() =>
        Assert.Contains("  deep: \"seen\"", Text(User(w => w.BeginDocument("country").Write("deep", "seen").End()), new Disclosure(false)));

    [Fact]
    public void Masks_a_value_that_stands_where_something_personal_should_be()
    {
        var folder = Scratch.Folder("contract");
        File.WriteAllText(Path.Combine(folder, "contract.yaml"), """
            { apiVersion: v3.1.0, kind: DataContract, id: u, name: p, version: 1.0.0, status: active, servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }, { property: database, value: p }] }],
              schema: [{ name: people, logicalType: object, properties: [{ name: _id, logicalType: string, primaryKey: true },
                { name: home, logicalType: object, properties: [{ name: street, logicalType: string, classification: pii }, { name: floor, logicalType: integer }] }] }] }
            """);
        var people = ContractReader.Read(folder).Datasets[0];
        byte[] document = Bson.Make(w => w.Write("_id", "a").Write("home", "Canary Road 1"));
        Assert.DoesNotContain(DocumentListing.Of(people, document, [], new Disclosure(false)), l => l.Text.Contains("Canary"));
        byte[] right = Bson.Make(w => w.Write("_id", "a").BeginDocument("home").Write("street", "Canary Road 1").Write("floor", 3).End());
        Assert.Equal("""{"_id":"a","home":{"street":"***","floor":3}}""", ExtendedJson.ToString(MaskedBson.Of(people, right, new Disclosure(false))));
    }

    [Fact]
    public void Is_shown_as_far_as_it_can_be_read()
    {
        byte[] document = User(_ => { });
        document[^6] = 0x77; // the type of the last element
        Assert.Contains("firstname: *** (string)", Text(document, new Disclosure(false)));
        Assert.Contains("cannot be read from byte", Text(document, new Disclosure(false)));
        Assert.Throws<BsonException>(() => MaskedBson.Of(Users, document, new Disclosure(false)));
    }

    [Fact]
    public void Is_shortened_around_its_broken_places()
    {
        byte[] document = User(w =>
        {
            w.BeginDocument("subscriptions").BeginArray("invoices");
            for (int i = 0; i < 5_000; i++)
                w.BeginDocument().Write("amount", i).End();
            w.End().End();
        });
        var lines = DocumentListing.Of(Users, document, [Broken("minimum", "subscriptions.invoices[4000].amount")], new Disclosure(false));
        Assert.InRange(lines.Count, 40, 300);
        Assert.Contains(lines, l => l.Text == "amount: 4000" && l.Broken is ["minimum"]);
        Assert.Contains(lines, l => l.Text.EndsWith("lines left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"a\": 1", "{\"a\": 1")]
    [InlineData("", "")]
    public void Is_text_where_the_bytes_are_text(string bytes, string shown) => Assert.Equal(shown, RawBytes.Text(System.Text.Encoding.UTF8.GetBytes(bytes)));

    [Fact]
    public void Is_hex_where_the_bytes_are_none()
    {
        byte[] bytes = [0, 1, 2, 0xFF, .. "plain"u8];
        Assert.Null(RawBytes.Text(bytes));
        Assert.Equal("00000000  00 01 02 ff 70 6c 61 69 6e                       ....plain", Assert.Single(RawBytes.Hex(bytes)));
        Assert.Equal("… 488 bytes more", RawBytes.Hex(new byte[1_000]).Last());
    }
}
