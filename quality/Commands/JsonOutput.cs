using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quality.Commands;

/// <summary>The one JSON document of a command. The first one stands: a command may end while a signal makes it leave.</summary>
internal static class JsonOutput
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whoever reads standard output may have stopped reading in the midst of the first one; nobody waits for that for ever.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    static readonly Lock Gate = new();
    static bool written;

    public static void Write<T>(T document)
    {
        if (!Gate.TryEnter(Patience))
            return;
        try
        {
            if (written)
                return;
            Console.Out.WriteLine(JsonSerializer.Serialize(document, Format));
            written = true;
        }
        finally
        {
            Gate.Exit();
        }
    }
}
