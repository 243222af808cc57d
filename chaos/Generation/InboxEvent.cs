using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Chaos.Generation;

/// <summary>One file of an inbox: something happened to a user or a card.</summary>
abstract record InboxEvent(Guid EventId, DateTime At)
{
    const string Seconds = "yyyy-MM-dd HH:mm:ss";

    static readonly JsonWriterOptions AsPeopleWrite = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The folder, in the inbox.</summary>
    public abstract string Folder { get; }

    protected abstract string Type { get; }

    public string FileName => $"{EventId}.json";

    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, AsPeopleWrite))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteString("type", Type);
            writer.WriteString("event_at", Text(At));
            writer.WriteString("event_id", EventId);
            writer.WriteEndObject();
            writer.WriteStartObject("payload");
            WritePayload(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    protected abstract void WritePayload(Utf8JsonWriter writer);

    protected static string Text(DateTime at) => at.ToString(Seconds, CultureInfo.InvariantCulture);
}
