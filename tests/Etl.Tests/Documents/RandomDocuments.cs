using Etl.Documents;

namespace Etl.Tests.Documents;

/// <summary>Random valid documents with values of every type, from a seed.</summary>
static class RandomDocuments
{
    static readonly BsonType[] Types = [.. Enum.GetValues<BsonType>().Where(type => type != BsonType.EndOfDocument)];

    public static byte[] Make(int seed, int depth = 4)
    {
        var random = new Random(seed);
        var writer = new BsonWriter();
        writer.BeginDocument();
        Fill(writer, random, depth, inArray: false);
        return writer.End().ToArray();
    }

    public static BsonType TypeOf(Random random) => Types[random.Next(Types.Length)];

    static void Fill(BsonWriter writer, Random random, int depth, bool inArray)
    {
        for (int left = random.Next(8); left > 0; left--)
            Element(writer, random, TypeOf(random), inArray ? "" : Text(random, 6).Replace("\0", ""), depth);
    }

    static void Element(BsonWriter writer, Random random, BsonType type, string name, int depth)
    {
        switch (type)
        {
            case BsonType.Document or BsonType.Array when depth == 0:
                writer.WriteNull(name);
                break;
            case BsonType.Document:
                writer.WriteDocument(name, Make(random.Next(), depth - 1));
                break;
            case BsonType.Array:
                writer.BeginArray(name);
                Fill(writer, random, depth - 1, inArray: true);
                writer.End();
                break;
            case BsonType.Double:
                writer.Write(name, BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)));
                break;
            case BsonType.String or BsonType.JavaScript or BsonType.Symbol:
                writer.WriteText(type, name, Text(random, 20));
                break;
            case BsonType.Binary:
                writer.WriteBinary(name, Bytes(random, random.Next(20)), (byte)random.Next(256));
                break;
            case BsonType.ObjectId:
                writer.WriteObjectId(name, Bytes(random, 12));
                break;
            case BsonType.Boolean:
                writer.Write(name, random.Next(2) == 0);
                break;
            case BsonType.DateTime:
                writer.WriteDateTime(name, random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case BsonType.RegularExpression:
                writer.WriteRegex(name, Text(random, 8).Replace("\0", ""), "imx");
                break;
            case BsonType.DbPointer:
                writer.WriteRaw(type, name, [3, 0, 0, 0, (byte)'d', (byte)'b', 0, .. Bytes(random, 12)]);
                break;
            case BsonType.JavaScriptWithScope:
                var scope = Make(random.Next(), Math.Max(0, depth - 1));
                writer.WriteRaw(type, name, [.. BitConverter.GetBytes(4 + 6 + scope.Length), 2, 0, 0, 0, (byte)'c', 0, .. scope]);
                break;
            case BsonType.Int32:
                writer.Write(name, random.Next(int.MinValue, int.MaxValue));
                break;
            case BsonType.Int64:
                writer.Write(name, random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case BsonType.Timestamp:
                writer.WriteTimestamp(name, (ulong)random.NextInt64());
                break;
            case BsonType.Decimal128:
                writer.Write(name, new Decimal128(Bytes(random, 16)));
                break;
            default: // null, undefined, min key, max key: no bytes
                writer.WriteRaw(type, name, []);
                break;
        }
    }

    static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    static string Text(Random random, int longest)
    {
        string[] pieces = ["a", "Z", "0", "$", ".", "\"", "\\", "\n", "\0", "ä", "Ж", "語", "🎉", "'"];
        return string.Concat(Enumerable.Range(0, random.Next(longest + 1)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
