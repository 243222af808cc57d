using System.Globalization;
using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>A dotted path, cut into names.</summary>
sealed class FieldPath
{
    readonly byte[][] utf8;
    readonly int[] ordinals; // −1 where the name is not an array index

    public FieldPath(string text)
    {
        Text = text;
        Names = text.Split('.');
        utf8 = [.. Names.Select(Encoding.UTF8.GetBytes)];
        ordinals = [.. Names.Select(n => n.Length is > 0 and < 10 && n.All(char.IsAsciiDigit) && (n == "0" || n[0] != '0') ? int.Parse(n, CultureInfo.InvariantCulture) : -1)];
    }

    public string Text { get; }
    public string[] Names { get; }
    public int Length => Names.Length;
    public ReadOnlySpan<byte> this[int at] => utf8[at];
    public int Ordinal(int at) => ordinals[at];

    /// <summary>The value an aggregation expression sees: arrays on the way give arrays of what their documents hold.</summary>
    public BsonValue Evaluate(ReadOnlyMemory<byte> document, int at = 0)
    {
        var reader = new BsonReader(document.Span);
        if (!Bson.Find(ref reader, utf8[at]))
            return BsonValue.Missing;
        var value = document.Slice(reader.ValueOffset, reader.Value.Length);
        if (at == Length - 1)
            return new(reader.Type, value);
        return reader.Type switch
        {
            BsonType.Document => Evaluate(value, at + 1),
            BsonType.Array => EvaluateEach(value, at + 1),
            _ => BsonValue.Missing,
        };
    }

    BsonValue EvaluateEach(ReadOnlyMemory<byte> array, int at)
    {
        var writer = new BsonWriter();
        writer.BeginDocument().BeginArray("a");
        var reader = new BsonReader(array.Span);
        while (reader.Read())
        {
            var item = array.Slice(reader.ValueOffset, reader.Value.Length);
            var value = reader.Type switch
            {
                BsonType.Document => Evaluate(item, at),
                BsonType.Array => EvaluateEach(item, at),
                _ => BsonValue.Missing,
            };
            if (!value.IsMissing)
                writer.WriteRaw(value.Type, default, value.Span);
        }
        writer.End().End();
        return new(BsonType.Array, writer.Written[7..^1].ToArray());
    }

    /// <summary>Every value at the path for sorting and distinct: arrays at the end are opened, arrays on the way are walked.</summary>
    public void Collect(ReadOnlyMemory<byte> document, List<BsonValue> found, int at = 0)
    {
        var reader = new BsonReader(document.Span);
        if (Bson.Find(ref reader, utf8[at]))
            CollectFrom(reader.Type, document.Slice(reader.ValueOffset, reader.Value.Length), found, at + 1);
    }

    void CollectFrom(BsonType type, ReadOnlyMemory<byte> value, List<BsonValue> found, int at)
    {
        bool last = at == Length;
        if (type == BsonType.Array)
        {
            var items = new BsonReader(value.Span);
            for (int i = 0; items.Read(); i++)
            {
                var item = value.Slice(items.ValueOffset, items.Value.Length);
                if (last)
                    found.Add(new(items.Type, item));
                else if (ordinals[at] == i)
                    CollectFrom(items.Type, item, found, at + 1);
                else if (items.Type == BsonType.Document)
                    Collect(item, found, at);
            }
        }
        else if (last)
            found.Add(new(type, value));
        else if (type == BsonType.Document)
            Collect(value, found, at);
    }
}
