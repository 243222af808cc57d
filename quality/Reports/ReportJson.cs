using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quality.Reports;

/// <summary>The form of <c>report.json</c>: camelCase, verdicts lower-case, counts integers, times ISO 8601.</summary>
public static class ReportJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static byte[] Write(QualityReport report) => JsonSerializer.SerializeToUtf8Bytes(report, Options);
}
