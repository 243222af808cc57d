using Etl.Contracts;
using Etl.Documents;
using Etl.Tests.Contracts;

namespace Etl.Tests.Flattening;

/// <summary>A contract with every column type, every rule, objects, arrays and arrays in arrays; and documents for it, valid and not.</summary>
static class Everything
{
    public static readonly Contract Contract = ContractText.Read(ContractText.Of(
        "- { name: text, logicalType: string, classification: pii, logicalTypeOptions: { minLength: 2, maxLength: 60 } }",
        "- { name: code, logicalType: string, logicalTypeOptions: { pattern: '^[a-z]+$' } }",
        "- { name: mail, logicalType: string, classification: pii, logicalTypeOptions: { format: email } }",
        "- { name: kind, logicalType: string, required: true, quality: [{ metric: invalidValues, arguments: { validValues: [a, b] }, mustBe: 0 }] }",
        "- { name: flag, logicalType: boolean }",
        "- { name: small, logicalType: integer, physicalType: int, logicalTypeOptions: { minimum: -5, exclusiveMaximum: 100 } }",
        "- { name: big, logicalType: integer }",
        "- { name: real, logicalType: number, physicalType: double }",
        "- { name: amount, logicalType: number, logicalTypeOptions: { exclusiveMinimum: -1000, maximum: 130 } }",
        "- { name: at, logicalType: timestamp, logicalTypeOptions: { minimum: '2000-01-01', maximum: '2030-01-01' } }",
        "- { name: guid, logicalType: string, physicalType: uuid }",
        "- { name: bytes, logicalType: string, physicalType: binData }",
        "- { name: any, logicalType: object, customProperties: [{ property: columnType, value: jsonb }] }",
        "- { name: tags, logicalType: array, items: { logicalType: string }, logicalTypeOptions: { maxItems: 3 } }",
        "- { name: numbers, logicalType: array, items: { logicalType: number } }",
        "- { name: inner, logicalType: object, logicalTypeOptions: { required: [here] }, properties: [{ name: here, logicalType: integer }, { name: deep, logicalType: object, properties: [{ name: leaf, logicalType: string, required: true }] }] }",
        "- { name: rows, logicalType: array, items: { logicalType: object, properties: [{ name: a, logicalType: integer, required: true }, { name: more, logicalType: array, items: { logicalType: object, properties: [{ name: b, logicalType: string }] } }] } }"));

    public static Dataset Dataset => Contract.Datasets[0];

    public static byte[] Valid(Random random, int id) => Bson.Make(w =>
    {
        var parts = new List<Action>
        {
            () => w.Write("text", "Geheimnis" + new string('ä', random.Next(20))), () => w.Write("code", "abc"), () => w.Write("mail", "geheim@example.org"),
            () => w.Write("flag", random.Next(2) == 0), () => Number(w, random, "small", random.Next(-5, 100)), () => Number(w, random, "big", random.Next()),
            () => w.Write("real", random.NextDouble() * Math.Pow(10, random.Next(-300, 300))), () => w.Write("amount", (Decimal128)Math.Round((decimal)random.NextDouble() * 100, random.Next(10))),
            () => w.WriteDateTime("at", random.NextInt64(946_684_800_000, 1_893_456_000_000)), () => w.WriteBinary("guid", new byte[16], 4), () => w.WriteBinary("bytes", new byte[random.Next(5)], 0),
            () => w.BeginDocument("any").Write("z", 1).Write("a", random.NextDouble()).BeginArray("l").Write("ü").End().End(),
            () => { w.BeginArray("tags"); for (int i = random.Next(4); i > 0; i--) if (random.Next(3) == 0) w.WriteNull(""); else w.Write("t" + i); w.End(); },
            () => { w.BeginArray("numbers"); for (int i = random.Next(4); i > 0; i--) Number(w, random, "", i * 10); w.End(); },
            () => { w.BeginDocument("inner").WriteNull("here"); if (random.Next(2) == 0) w.BeginDocument("deep").Write("leaf", "").End(); w.End(); },
            () => { w.BeginArray("rows"); for (int i = random.Next(3); i > 0; i--) { w.BeginDocument().Write("a", i).BeginArray("more"); for (int j = random.Next(3); j > 0; j--) w.BeginDocument().Write("b", "b" + j).End(); w.End().End(); } w.End(); },
            () => w.Write("undescribed", 1),
        };
        var mandatory = new List<Action> { () => w.Write("_id", id), () => w.Write("kind", random.Next(2) == 0 ? "a" : "b") };
        mandatory.AddRange(parts.Where(_ => random.Next(3) > 0));
        Action[] shuffled = [.. mandatory];
        random.Shuffle(shuffled);
        foreach (var part in shuffled)
            part();
    });

    static void Number(BsonWriter w, Random random, string name, int value)
    {
        switch (random.Next(4))
        {
            case 0: w.Write(name, value); break;
            case 1: w.Write(name, (long)value); break;
            case 2: w.Write(name, (double)value); break;
            default: w.Write(name, (Decimal128)(decimal)value); break;
        }
    }

    static readonly BsonType[] Types = [.. Enum.GetValues<BsonType>()];

    /// <summary>A valid document with an element replaced, repeated or left out: still BSON.</summary>
    public static byte[] Corrupted(Random random, byte[] document) => Bson.Make(w =>
    {
        int target = random.Next(16), how = random.Next(6), at = 0;
        for (var reader = new BsonReader(document); reader.Read(); at++)
        {
            if (at == target && how == 0)
                continue;
            if (at == target && how == 1)
                w.WriteElement(reader);
            if (at == target && how > 1)
            {
                switch (random.Next(12))
                {
                    case 0: w.Write(reader.Name, reader.Name is "text" or "mail" ? "Geheimnis\0" : "x\0"); break;
                    case 1: w.WriteUtf8(reader.Name, [(byte)'G', 0xFF]); break;
                    case 2: w.Write(reader.Name, 1e300); break;
                    case 3: w.Write(reader.Name, long.MaxValue); break;
                    case 4: w.WriteDateTime(reader.Name, random.Next(2) == 0 ? long.MaxValue : 0); break;
                    case 5: w.Write(reader.Name, Decimal128.Parse("130.000000000000000000000000000001")); break;
                    case 6: w.WriteNull(reader.Name); break;
                    case 7: w.BeginArray(reader.Name).Write("", 5).Write("x").BeginDocument().Write("a", "x").End().End(); break;
                    case 8: w.BeginDocument(reader.Name).Write("deep", 1).Write("deep", 2).End(); break;
                    case 9: w.Write(reader.Name, new string('G', 61)); break;
                    case 10: w.WriteRaw(Types[random.Next(Types.Length)] is BsonType.MaxKey ? BsonType.MaxKey : BsonType.Undefined, reader.Name, []); break;
                    default: w.Write(reader.Name, 0.5); break;
                }
                continue;
            }
            w.WriteElement(reader);
        }
    });

}
