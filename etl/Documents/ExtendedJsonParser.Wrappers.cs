using System.Globalization;
using System.Text.Json;

namespace Etl.Documents;

/// <summary>The objects that stand for BSON's types. An object whose first key is a wrapper's is that wrapper, whole and with nothing beside it, or an error.</summary>
ref partial struct ExtendedJsonParser
{
    static readonly string[] Dates = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];

    static readonly string[] Wrappers =
    [
        "$oid", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal", "$date", "$binary", "$uuid", "$timestamp", "$regularExpression",
        "$code", "$scope", "$symbol", "$dbPointer", "$minKey", "$maxKey", "$undefined",
    ];

    /// <summary>Looks one token ahead of the object's start.</summary>
    readonly bool BeginsWrapper()
    {
        var ahead = reader;
        try
        {
            return ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName && Known(ahead) is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // said when the reader itself gets there
        }
    }

    static string? Known(in Utf8JsonReader at)
    {
        if (at.ValueSpan is not [(byte)'$' or (byte)'\\', ..])
            return null;
        foreach (string wrapper in Wrappers)
            if (at.ValueTextEquals(wrapper))
                return wrapper;
        return null;
    }

    void Wrapper(scoped ReadOnlySpan<char> name)
    {
        Read();
        string wrapper = Known(reader)!;
        if (wrapper is "$code" or "$scope")
        {
            Code(name.ToString());
            return;
        }
        Read();
        switch (wrapper)
        {
            case "$oid":
                Span<byte> id = stackalloc byte[12];
                ObjectId(wrapper, id);
                writer.WriteObjectId(name, id);
                break;
            case "$numberInt":
                writer.Write(name, (int)Integer(Text(wrapper), int.MinValue, int.MaxValue));
                break;
            case "$numberLong":
                writer.Write(name, Integer(Text(wrapper), long.MinValue, long.MaxValue));
                break;
            case "$numberDouble":
                writer.Write(name, Double(Text(wrapper)));
                break;
            case "$numberDecimal":
                writer.Write(name, Decimal(Text(wrapper).ToString()));
                break;
            case "$date":
                writer.WriteDateTime(name, Date());
                break;
            case "$binary":
                Binary(name);
                break;
            case "$uuid":
                if (!Guid.TryParseExact(Text(wrapper), "D", out var uuid))
                    throw Wrong("a $uuid that is not 8-4-4-4-12 hex digits");
                writer.WriteBinary(name, uuid.ToByteArray(bigEndian: true), subtype: 4);
                break;
            case "$timestamp":
                Timestamp(name);
                break;
            case "$regularExpression":
                Regex(name);
                break;
            case "$symbol":
                writer.WriteText(BsonType.Symbol, name, Text(wrapper));
                break;
            case "$dbPointer":
                DbPointer(name);
                break;
            case "$minKey" or "$maxKey":
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int one) || one != 1)
                    throw Wrong($"{wrapper} that is not 1");
                writer.WriteBare(wrapper == "$minKey" ? BsonType.MinKey : BsonType.MaxKey, name);
                break;
            default:
                if (reader.TokenType != JsonTokenType.True)
                    throw Wrong("$undefined that is not true");
                writer.WriteBare(BsonType.Undefined, name);
                break;
        }
        EndOf(wrapper);
    }

    void EndOf(string wrapper)
    {
        Read();
        if (reader.TokenType != JsonTokenType.EndObject)
            throw Wrong($"a key beside {wrapper}");
    }

    ReadOnlySpan<char> Text(string wrapper) =>
        reader.TokenType == JsonTokenType.String ? Characters(ref texts) : throw Wrong($"{wrapper} that is not a text");

    void ObjectId(string wrapper, scoped Span<byte> id)
    {
        var hex = Text(wrapper);
        if (hex.Length != 24 || Convert.FromHexString(hex, id, out _, out int written) != System.Buffers.OperationStatus.Done || written != id.Length)
            throw Wrong("an $oid that is not 24 hex digits");
    }

    readonly double Double(ReadOnlySpan<char> text)
    {
        switch (text)
        {
            case "NaN": return double.NaN;
            case "Infinity": return double.PositiveInfinity;
            case "-Infinity": return double.NegativeInfinity;
        }
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, style, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number : throw Wrong("a $numberDouble that is not a double");
    }

    /// <summary>Milliseconds since 1970. Finer times are refused: BSON would cut them.</summary>
    long Date()
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Read();
            if (reader.TokenType != JsonTokenType.PropertyName || !Named("$numberLong"))
                throw Wrong("a $date that is neither a text nor a $numberLong");
            Read();
            long milliseconds = Integer(Text("$numberLong"), long.MinValue, long.MaxValue);
            EndOf("$numberLong");
            return milliseconds;
        }
        const DateTimeStyles style = DateTimeStyles.AssumeUniversal;
        if (!DateTimeOffset.TryParseExact(Text("$date"), Dates, CultureInfo.InvariantCulture, style, out var at) || at.Ticks % TimeSpan.TicksPerMillisecond != 0)
            throw Wrong("a $date that is not ISO 8601 to the millisecond");
        return at.ToUnixTimeMilliseconds();
    }

    void Binary(scoped ReadOnlySpan<char> name)
    {
        byte[]? bytes = null;
        byte subtype = 0;
        for (int seen = Begin("$binary"); NextOf("$binary", "base64", "subType", ref seen) is >= 0 and var key;)
        {
            var text = Text("$binary");
            if (key == 0)
            {
                bytes = new byte[text.Length];
                if (text.ContainsAny(" \t\r\n") || !Convert.TryFromBase64Chars(text, bytes, out int written))
                    throw Wrong("a $binary that is not base64");
                Array.Resize(ref bytes, written);
            }
            else if (text.Length is not (1 or 2) || !byte.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out subtype))
                throw Wrong("a subType that is not one or two hex digits");
        }
        writer.WriteBinary(name, bytes!, subtype);
    }

    void Timestamp(scoped ReadOnlySpan<char> name)
    {
        Span<uint> parts = stackalloc uint[2];
        for (int seen = Begin("$timestamp"); NextOf("$timestamp", "t", "i", ref seen) is >= 0 and var key;)
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt32(out parts[key]))
                throw Wrong("a part of a $timestamp that is not a whole number of 32 bits");
        writer.WriteTimestamp(name, (ulong)parts[0] << 32 | parts[1]);
    }

    void Regex(scoped ReadOnlySpan<char> name)
    {
        string pattern = "", flags = "";
        for (int seen = Begin("$regularExpression"); NextOf("$regularExpression", "pattern", "options", ref seen) is >= 0 and var key;)
        {
            string text = Text("$regularExpression").ToString();
            if (text.Contains('\0'))
                throw Wrong("a regular expression with a NUL, which BSON cannot hold");
            (pattern, flags) = key == 0 ? (text, flags) : (pattern, text);
        }
        writer.WriteRegex(name, pattern, flags);
    }

    void DbPointer(scoped ReadOnlySpan<char> name)
    {
        string collection = "";
        Span<byte> id = stackalloc byte[12];
        for (int seen = Begin("$dbPointer"); NextOf("$dbPointer", "$ref", "$id", ref seen) is >= 0 and var key;)
            if (key == 0)
                collection = Text("$ref").ToString();
            else
            {
                Begin("$id");
                Read();
                if (reader.TokenType != JsonTokenType.PropertyName || !Named("$oid"))
                    throw Wrong("an $id that is not an $oid");
                Read();
                ObjectId("$oid", id);
                EndOf("$oid");
            }
        writer.WriteDbPointer(name, collection, id);
    }

    /// <summary>JavaScript: $code, and perhaps its $scope, in either order.</summary>
    void Code(string name)
    {
        string? code = null;
        byte[]? scope = null;
        for (; reader.TokenType != JsonTokenType.EndObject; Read())
        {
            bool isCode = Named("$code");
            if (isCode ? code is not null : scope is not null || !Named("$scope"))
                throw Wrong("a key beside $code and $scope");
            Read();
            if (isCode)
                code = Text("$code").ToString();
            else
                scope = Scope();
        }
        if (code is null)
            throw Wrong("$scope without $code");
        if (scope is null)
            writer.WriteText(BsonType.JavaScript, name, code);
        else
            writer.WriteCodeWithScope(name, code, scope);
    }

    byte[] Scope()
    {
        if (reader.TokenType != JsonTokenType.StartObject || BeginsWrapper())
            throw Wrong("a $scope that is not a document");
        var outer = writer;
        writer = new BsonWriter();
        Deeper();
        writer.BeginDocument();
        Members();
        byte[] scope = writer.End().ToArray();
        writer = outer;
        return scope;
    }

    int Begin(string wrapper) => reader.TokenType == JsonTokenType.StartObject ? 0 : throw Wrong($"{wrapper} that is not an object");

    /// <summary>Moves to the value of one of a wrapper's two keys, which come in either order.</summary>
    /// <returns>0 or 1; −1 at the end of the object.</returns>
    int NextOf(string wrapper, string first, string second, ref int seen)
    {
        Read();
        if (reader.TokenType == JsonTokenType.EndObject)
            return seen == 3 ? -1 : throw Wrong($"{wrapper} needs {first} and {second}");
        int key = Named(first) ? 0 : Named(second) ? 1 : -1;
        if (key < 0 || (seen & 1 << key) != 0)
            throw Wrong($"{wrapper} has {first} and {second}, once each, and nothing else");
        seen |= 1 << key;
        Read();
        return key;
    }
}
