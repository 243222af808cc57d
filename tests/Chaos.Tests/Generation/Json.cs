using System.Text.Json.Nodes;
using Etl.Documents;

namespace Chaos.Tests.Generation;

/// <summary>Documents as canonical Extended JSON trees: every BSON type shows.</summary>
static class Json
{
    public static JsonObject Of(byte[] document) => JsonNode.Parse(ExtendedJson.ToString(document, relaxed: false))!.AsObject();

    public static string Id(this JsonNode? node, string field = "_id") => node![field]!["$oid"]!.GetValue<string>();

    public static DateTimeOffset Date(this JsonNode? node, string field) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(node![field]!["$date"]!["$numberLong"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));

    public static int Int(this JsonNode? node, string field) => int.Parse(node![field]!["$numberInt"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>$numberInt, $numberDouble …</summary>
    public static string NumberType(this JsonNode? node, string field) => node![field]!.AsObject().Single().Key;

    public static string Text(this JsonNode? node, string field) => node![field]!.GetValue<string>();
}
