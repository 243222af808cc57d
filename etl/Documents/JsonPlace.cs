using System.Text;
using System.Text.Json;

namespace Etl.Documents;

/// <summary>Finds line, column and path of a byte in a JSON text. Only errors ask, so it reads the text once more.</summary>
static class JsonPlace
{
    const int ShownNames = 100;

    public static ExtendedJsonException Error(string problem, ReadOnlySpan<byte> json, long offset, JsonReaderOptions options)
    {
        offset = Math.Clamp(offset, 0, json.Length);
        var before = json[..(int)offset];
        int lineStart = before.LastIndexOf((byte)'\n') + 1;
        return new ExtendedJsonException(problem, offset, before.Count((byte)'\n') + 1, offset - lineStart + 1, PathOf(json, offset, options));
    }

    /// <summary>The exception knows line and byte; we count from the start.</summary>
    public static ExtendedJsonException Error(JsonException e, ReadOnlySpan<byte> json, JsonReaderOptions options)
    {
        int start = 0;
        for (long line = e.LineNumber ?? 0; line > 0; line--)
            start += json[start..].IndexOf((byte)'\n') + 1;
        int end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return Error((end < 0 ? e.Message : e.Message[..end]).TrimEnd('.'), json, start + (e.BytePositionInLine ?? 0), options);
    }

    static string PathOf(ReadOnlySpan<byte> json, long offset, JsonReaderOptions options)
    {
        var steps = new List<(string? Name, int Index)>(); // a name inside an object, an index inside an array
        var reader = new Utf8JsonReader(json, options);
        try
        {
            while (reader.Read() && reader.TokenStartIndex <= offset)
                switch (reader.TokenType)
                {
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        steps.RemoveAt(steps.Count - 1);
                        break;
                    case JsonTokenType.PropertyName:
                        steps[^1] = (ShownText.Clip(Encoding.UTF8.GetString(reader.ValueSpan), ShownNames), 0);
                        break;
                    default:
                        if (steps is [.., { Name: null, Index: var index }])
                            steps[^1] = (null, index + 1);
                        if (reader.TokenType is JsonTokenType.StartObject)
                            steps.Add(("", 0));
                        if (reader.TokenType is JsonTokenType.StartArray)
                            steps.Add((null, -1));
                        break;
                }
        }
        catch (JsonException)
        {
            // The text ends being JSON here: the path so far is the path.
        }
        return string.Join('.', steps.Select(s => s.Name ?? Math.Max(0, s.Index).ToString(System.Globalization.CultureInfo.InvariantCulture)).Where(s => s.Length > 0));
    }
}
