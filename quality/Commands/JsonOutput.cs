using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quality.Commands;

/// <summary>The one JSON document of a command.</summary>
internal static class JsonOutput
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write<T>(T document) => Console.Out.WriteLine(JsonSerializer.Serialize(document, Format));
}
