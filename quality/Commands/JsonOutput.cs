using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quality.Commands;

/// <summary>The one JSON document of a command. The first one stands: a command may end while a signal makes it leave. A command that goes on writes one a line.</summary>
internal static class JsonOutput
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly JsonSerializerOptions OnOneLine = new(Format) { WriteIndented = false };

    /// <summary>Whoever reads standard output may have stopped reading in the midst of the first one; nobody waits for that for ever.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    static readonly Lock Gate = new();
    static bool written;

    /// <summary>Any number of documents, each on a line of its own.</summary>
    public static bool Lines { get; set; }

    public static void Write<T>(T document)
    {
        if (!Gate.TryEnter(Patience))
            return;
        try
        {
            if (written && !Lines)
                return;
            Console.Out.WriteLine(JsonSerializer.Serialize(document, Lines ? OnOneLine : Format));
            written = true;
        }
        finally
        {
            Gate.Exit();
        }
    }
}
