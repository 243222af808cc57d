using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.Tests.MongoEmulator;

/// <summary>BSON made and read in few words.</summary>
static class Values
{
    public static BsonValue V(Action<BsonWriter> write)
    {
        byte[] document = Bson.Make(write);
        var reader = new BsonReader(document);
        Assert.True(reader.Read());
        return BsonValue.CopyOf(reader);
    }

    /// <summary>A document from the shorthand of the tests: strings, numbers, booleans, null, arrays and (name, value) lists.</summary>
    public static byte[] Doc(params (string Name, object? Value)[] fields) => Bson.Make(w =>
    {
        foreach (var (name, value) in fields)
            Write(w, name, value);
    });

    public static void Write(BsonWriter w, string? name, object? value)
    {
        switch (value)
        {
            case null: w.WriteNull(name); break;
            case int i: w.Write(name, i); break;
            case long l: w.Write(name, l); break;
            case double d: w.Write(name, d); break;
            case bool b: w.Write(name, b); break;
            case string s: w.Write(name, s); break;
            case Decimal128 m: w.Write(name, m); break;
            case byte[] document: w.WriteDocument(name, document); break;
            case BsonValue v: w.WriteRaw(v.Type, name, v.Span); break;
            case object?[] items:
                w.BeginArray(name);
                foreach (object? item in items)
                    Write(w, null, item);
                w.End();
                break;
            default: throw new ArgumentException($"no shorthand for {value.GetType()}");
        }
    }

    /// <summary>A field of a document, as the shell would show it; null when absent.</summary>
    public static string? Field(byte[] document, string path)
    {
        var value = new FieldPath(path).Evaluate(document);
        return value.IsMissing ? null : ShellText.Of(value);
    }

    public static string Show(byte[] document) => ShellText.Of(BsonValue.Of(document));
}
