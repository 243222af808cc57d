using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>A row that only the warehouse has says where its document would stand in the source.</summary>
public sealed class Positions_from_keys
{
    [Theory]
    [InlineData("string", "objectId", """{"_id":{"$oid":"5f0000000000000000000abc"}}""")]
    [InlineData("string", "string", """{"_id":"Zoë, or 5f0000000000000000000abc"}""")]
    [InlineData("integer", "int", """{"_id":-7}""")]
    [InlineData("integer", "long", """{"_id":{"$numberLong":"9007199254740993"}}""")]
    [InlineData("timestamp", "date", """{"_id":{"$date":"1969-07-20T20:17:40.123Z"}}""")]
    [InlineData("boolean", "bool", """{"_id":true}""")]
    public void Lead_back_to_the_document(string logical, string physical, string position)
    {
        var dataset = Contract(logical, physical).Datasets[0];
        byte[] document = ExtendedJson.Parse(position);
        byte[] field = new Flattener(dataset).Key(document).ToArray();
        Assert.NotEmpty(field);
        Assert.Equal(Convert.ToHexString(document), Convert.ToHexString(DocumentPositions.Of(dataset, field)!));
    }

    [Theory]
    [InlineData("planted-0")]
    [InlineData("5F0000000000000000000ABC")]
    public void Lead_nowhere_where_no_document_can_have_the_key(string text)
    {
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        Assert.Null(DocumentPositions.Of(Contract("string", "objectId").Datasets[0], [0, 0, 0, (byte)utf8.Length, .. utf8]));
    }

    static Contract Contract(string logical, string physical)
    {
        string folder = SmallContract.Write(), file = Path.Combine(folder, "contract.yaml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("logicalType: integer", $"logicalType: {logical}").Replace("physicalType: int", $"physicalType: {physical}"));
        return ContractReader.Read(folder);
    }
}
