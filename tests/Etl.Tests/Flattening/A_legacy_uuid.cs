using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;
using Etl.Validation;

namespace Etl.Tests.Flattening;

/// <summary>Binary of subtype 3: drivers wrote the bytes of one UUID in orders of their own, and only the contract can say which.</summary>
public sealed class A_legacy_uuid
{
    const string Uuid = "00112233445566778899aabbccddeeff";

    /// <summary>The UUID as its driver wrote it (bson-binary-uuid specification, UUID legacy representations).</summary>
    static readonly Dictionary<string, string> Written = new()
    {
        ["csharp"] = "33221100554477668899aabbccddeeff",
        ["java"] = "7766554433221100ffeeddccbbaa9988",
        ["python"] = Uuid,
    };

    static Dataset Of(string order) => ContractText.Read(ContractText.Of(
        $"- {{ name: u, logicalType: string, physicalType: uuid, customProperties: [{{ property: uuidOrder, value: {order} }}] }}",
        $"- {{ name: us, logicalType: array, items: {{ logicalType: string, physicalType: uuid }}, customProperties: [{{ property: uuidOrder, value: {order} }}] }}",
        $"- {{ name: kind, logicalType: object, customProperties: [{{ property: table, value: kinds }}, {{ property: shared, value: true }}], properties: [{{ name: code, logicalType: string, physicalType: uuid, primaryKey: true, customProperties: [{{ property: uuidOrder, value: {order} }}] }}] }}",
        "- { name: plain, logicalType: string, physicalType: uuid }")).Datasets[0];

    static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    static byte[] Document(byte[] bytes, byte subtype) => Bson.Make(w => w.Write("_id", 1).WriteBinary("u", bytes, subtype)
        .BeginArray("us").WriteBinary("", bytes, subtype).WriteNull("").WriteBinary("", Bytes(Uuid), 4).End()
        .BeginDocument("kind").WriteBinary("code", bytes, subtype).End());

    /// <summary>All sixteen bytes of every uuid in the document's rows, as hex, in the order of tables and columns.</summary>
    static List<string> Uuids(Dataset dataset, byte[] document)
    {
        var flattener = new Flattener(dataset);
        Assert.Null(flattener.Flatten(document));
        Assert.Empty(new DocumentValidator(dataset).Explain(document));
        var uuids = new List<string>();
        for (int row = 0; row < flattener.RowCount; row++)
        {
            for (var rest = flattener.Row(row); rest.IndexOf("\0\0\0\u0010"u8) is >= 0 and var at; rest = rest[(at + 20)..])
                uuids.Add(Convert.ToHexStringLower(rest.Slice(at + 4, 16)));
        }
        return uuids;
    }

    [Theory]
    [InlineData("csharp")]
    [InlineData("java")]
    [InlineData("python")]
    public void Is_read_in_the_order_that_the_contract_gives(string order)
    {
        Assert.Equal([Uuid, Uuid, Uuid, Uuid, Uuid], Uuids(Of(order), Document(Bytes(Written[order]), 3))); // u, twice in us, kind's code here and there
        Assert.Equal([Uuid, Uuid, Uuid, Uuid, Uuid], Uuids(Of(order), Document(Bytes(Uuid), 4))); // one that was written since
    }

    [Fact]
    public void As_dotnet_writes_it_is_dotnets_guid() =>
        Assert.Equal(Written["csharp"], Convert.ToHexStringLower(new Guid(Bytes(Uuid), bigEndian: true).ToByteArray()));

    [Theory]
    [InlineData(3, 15)]
    [InlineData(3, 17)]
    [InlineData(0, 16)]
    [InlineData(5, 16)]
    public void Is_nothing_else(byte subtype, int length)
    {
        var dataset = Of("java");
        byte[] document = Bson.Make(w => w.Write("_id", 1).WriteBinary("u", new byte[length], subtype));
        Assert.Equal(RuleNames.Type, new Flattener(dataset).Flatten(document)?.Rule);
        Assert.Equal([RuleNames.Type], new DocumentValidator(dataset).Explain(document).Select(v => v.Rule));
    }

    [Fact]
    public void Is_refused_where_nobody_says_how_it_was_written() =>
        Assert.Equal(RuleNames.Type, new Flattener(Of("java")).Flatten(Bson.Make(w => w.Write("_id", 1).WriteBinary("plain", Bytes(Uuid), 3)))?.Rule);

    /// <summary>MongoDB sorts by the bytes as they are, the rows would sort by the UUID; and what is gone is found by that order.</summary>
    [Fact]
    public void Is_refused_as_the_key_of_a_document()
    {
        var flattener = new Flattener(ContractText.Read(ContractText.Of().Replace(ContractText.Id, "- { name: _id, logicalType: string, physicalType: uuid, primaryKey: true, customProperties: [{ property: column, value: id }] }")).Datasets[0]);
        byte[] document = Bson.Make(w => w.WriteBinary("_id", Bytes(Uuid), 3));
        Assert.Equal(RuleNames.Type, flattener.Flatten(document)?.Rule);
        Assert.True(flattener.Key(document).IsEmpty);
    }
}
