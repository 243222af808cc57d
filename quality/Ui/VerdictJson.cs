using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quality.Ui;

/// <summary>In JSON a verdict is a lower-case word.</summary>
public sealed class VerdictJson() : JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
