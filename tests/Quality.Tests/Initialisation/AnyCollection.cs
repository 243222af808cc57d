using Etl.Documents;

namespace Quality.Tests.Initialisation;

/// <summary>
/// A made-up collection: a random schema (names that collide, hurt or have dots; values of every BSON type and mixtures of them; objects and arrays in
/// each other), and documents that follow it more or less. The same seed, the same documents.
/// </summary>
sealed class AnyCollection
{
    static readonly string[] Names =
    [
        "name", "Name", "userName", "user_name", "user.name", "user", "a", "a.b", "b", "a_b", "x[]", "x", "select", "table", "order", "xmin", "ctid", "ordinal", "id", "_id", "_hash", "$price", "with space",
        "quote'\"", "back\\slash", "#comment", "- dash", "key: value", "null", "true", "12", "ünïcödé", "名前", "😀", "tab\tin", "line\nin", "\u0001", "email", "createdAt", "updatedAt", "items", "tags",
        "a_very_long_name_that_is_much_longer_than_the_sixty_three_bytes_which_postgresql_keeps_of_it", "aVeryLongNameThatIsMuchLongerThanTheSixtyThreeBytesWhichPostgresqlKeepsOfItToo", "things", "thing_id",
    ];

    static readonly string[] Texts = ["", "red", "green", "blue", "ada@example.org", "2024-01-31", "2024-01-31T10:00:00Z", "+49 30 1234567", "0", "ein ü und ein 😀", "  ", "null", "'; DROP TABLE x; --"];

    /// <summary>What stands at one place; a mixture has several.</summary>
    sealed record Shape(IReadOnlyList<Func<BsonWriter, string?, BsonWriter>> Values, double Present, double Null);

    readonly Random random;
    readonly List<(string Name, Shape Shape)> fields;
    readonly int idKind;

    AnyCollection(int seed)
    {
        random = new Random(seed);
        idKind = random.Next(9);
        fields = Fields(0);
    }

    public static IReadOnlyList<byte[]> Documents(int seed)
    {
        var collection = new AnyCollection(seed);
        int count = 1 + collection.random.Next(40);
        return [.. Enumerable.Range(0, count).Select(collection.Document)];
    }

    byte[] Document(int number) => Bson.Make(w =>
    {
        WriteId(w, number);
        WriteFields(w, fields.Where(f => f.Name != "_id"));
    });

    void WriteId(BsonWriter w, int number)
    {
        byte[] objectId = [.. Enumerable.Repeat((byte)7, 8), .. BitConverter.GetBytes(number)];
        _ = (idKind, number % 2) switch
        {
            (0, _) or (1, 0) => w.WriteObjectId("_id", objectId),
            (1, _) or (2, _) => w.Write("_id", $"key {number}"),
            (3, _) or (4, 0) => w.Write("_id", number),
            (4, _) => w.Write("_id", (long)number << 33),
            (5, _) => w.Write("_id", (double)number),
            (6, _) => w.WriteDateTime("_id", number),
            (7, _) => w.WriteBinary("_id", [.. new byte[12], .. BitConverter.GetBytes(number)], 4),
            _ => w.BeginDocument("_id").Write("shop", number / 3).Write("order", $"{number % 3}").End(),
        };
    }

    List<(string, Shape)> Fields(int depth) =>
        [.. Enumerable.Range(0, random.Next(depth == 0 ? 2 : 1, 8)).Select(_ => Names[random.Next(Names.Length)]).Distinct().Select(name => (name, ShapeOf(depth)))];

    Shape ShapeOf(int depth)
    {
        int kinds = random.Next(10) switch { 0 => 2, 1 => 3, _ => 1 };
        return new Shape([.. Enumerable.Range(0, kinds).Select(_ => Kind(depth))], random.Next(3) == 0 ? random.NextDouble() : 1, random.Next(4) == 0 ? random.NextDouble() : 0);
    }

    Func<BsonWriter, string?, BsonWriter> Kind(int depth)
    {
        switch (random.Next(depth < 4 ? 12 : 8))
        {
            case 8 or 9:
                var inside = Fields(depth + 1);
                bool maybeEmpty = random.Next(4) == 0;
                return (w, name) =>
                {
                    w.BeginDocument(name);
                    if (!maybeEmpty || random.Next(2) == 0)
                        WriteFields(w, inside);
                    return w.End();
                };
            case 10 or 11:
                var element = ShapeOf(depth + 1);
                int most = random.Next(5);
                return (w, name) =>
                {
                    w.BeginArray(name);
                    for (int i = random.Next(most + 1); i > 0; i--)
                        Write(w, null, element with { Present = 1 });
                    return w.End();
                };
            default:
                int type = random.Next(21);
                return (w, name) => Scalar(w, name, type);
        }
    }

    void WriteFields(BsonWriter w, IEnumerable<(string Name, Shape Shape)> described)
    {
        foreach (var (name, shape) in described)
            Write(w, name, shape);
    }

    void Write(BsonWriter w, string? name, Shape shape)
    {
        if (random.NextDouble() > shape.Present)
            return;
        if (random.NextDouble() < shape.Null)
            w.WriteNull(name);
        else
            shape.Values[random.Next(shape.Values.Count)](w, name);
    }

    BsonWriter Scalar(BsonWriter w, string? name, int type) => type switch
    {
        0 or 1 => w.Write(name, random.Next(-1000, 1000)),
        2 => w.Write(name, random.NextInt64()),
        3 => w.Write(name, random.NextDouble() * 1000),
        4 => w.Write(name, (double)random.Next(100)),
        5 => w.Write(name, new[] { double.NaN, double.PositiveInfinity, -0.0, 1e300, 5e-324 }[random.Next(5)]),
        6 => w.Write(name, Decimal128.Parse(new[] { "1.50", "NaN", "1E+30", "-0", "123456789012345678901234567890.1234" }[random.Next(5)])),
        7 or 8 or 9 => w.WriteText(BsonType.String, name, Texts[random.Next(Texts.Length)]),
        10 => w.WriteText(BsonType.String, name, new string('x', random.Next(5000))),
        11 => w.Write(name, random.Next(2) == 0),
        12 or 13 => w.WriteDateTime(name, random.NextInt64(-60_000_000_000_000, 200_000_000_000_000)),
        14 => w.WriteObjectId(name, Bytes(12)),
        15 => w.WriteBinary(name, Bytes(16), 4),
        16 => w.WriteBinary(name, Bytes(random.Next(20)), 0),
        17 => w.WriteRegex(name, "^a", "i"),
        18 => w.WriteTimestamp(name, (ulong)random.NextInt64()),
        19 => w.WriteBare(BsonType.MinKey, name),
        _ => w.WriteNull(name),
    };

    byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
