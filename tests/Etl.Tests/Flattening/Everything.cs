using Etl.Contracts;
using Etl.Documents;
using Etl.Tests.Contracts;

namespace Etl.Tests.Flattening;

/// <summary>A contract with every column type, every rule, objects, arrays and arrays in arrays; and documents for it, valid and not.</summary>
static class Everything
{
    public static readonly string Text = ContractText.Of(
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
        "- { name: rows, logicalType: array, items: { logicalType: object, properties: [{ name: a, logicalType: integer, required: true }, { name: more, logicalType: array, items: { logicalType: object, properties: [{ name: b, logicalType: string }] } }], logicalTypeOptions: { maxProperties: 3 } } }",
        "- { name: step, logicalType: number, logicalTypeOptions: { multipleOf: 0.25 } }",
        "- { name: once, logicalType: array, items: { logicalType: number, logicalTypeOptions: { maximum: 50 } }, logicalTypeOptions: { uniqueItems: true, minItems: 1 } }",
        "- { name: soft, logicalType: string, logicalTypeOptions: { maxLength: 3 }, customProperties: [{ property: onViolation, value: warn }] }",
        "- { name: bag, logicalType: object, logicalTypeOptions: { minProperties: 1, maxProperties: 2, required: [k] }, customProperties: [{ property: columnType, value: jsonb }] }",
        "- { name: v6, logicalType: string, logicalTypeOptions: { format: ipv6 } }") + """
          - name: threads
            description: No table of its own; what it says stands in its messages' rows, if there are any.
            customProperties: [{ property: table, value: none }]
            properties:
              - { name: _id, logicalType: string, primaryKey: true, customProperties: [{ property: column, value: thread }] }
              - { name: user, logicalType: string, classification: pii, customProperties: [{ property: inherit, value: true }] }
              - { name: n, logicalType: integer, physicalType: int, customProperties: [{ property: inherit, value: true }] }
              - { name: tags, logicalType: array, items: { logicalType: string }, customProperties: [{ property: inherit, value: true }] }
              - { name: at, logicalType: timestamp, customProperties: [{ property: column, value: none }] }
              - { name: messages, logicalType: array, items: { logicalType: object, properties: [{ name: body, logicalType: string }] } }
        """.Replace("\n        ", "\n");

    public static readonly Contract Contract = ContractText.Read(Text);

    public static Dataset Dataset => Contract.Datasets[0];

    public static Dataset Threads => Contract.Datasets[1];

    public static byte[] Thread(Random random, int id) => Bson.Make(w =>
    {
        w.Write("_id", "t" + id).Write("user", "Geheimnis").Write("n", id).WriteDateTime("at", id);
        w.BeginArray("tags").Write("a").End().BeginArray("messages");
        for (int i = random.Next(3); i > 0; i--)
            w.BeginDocument().Write("body", "b").End();
        w.End();
    });

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
            () => Number(w, random, "step", random.Next(9)), () => w.Write("soft", new string('x', random.Next(6))), () => w.Write("v6", "2001:db8::" + id % 9999),
            () => { w.BeginArray("once"); for (int i = random.Next(1, 5); i > 0; i--) Number(w, random, "", i); w.End(); },
            () => w.BeginDocument("bag").Write("k", 1).End(),
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
        int target = random.Next(20), how = random.Next(6), at = 0;
        for (var reader = new BsonReader(document); reader.Read(); at++)
        {
            if (at == target && how == 0)
                continue;
            if (at == target && how == 1)
                w.WriteElement(reader);
            if (at == target && how > 1)
            {
                switch (random.Next(16))
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
                    case 11: w.BeginArray(reader.Name).Write("", 5).Write("", 5.0).End(); break;
                    case 12: w.BeginArray(reader.Name).Write("", 51.1).WriteNull("").End(); break;
                    case 13: w.BeginDocument(reader.Name).Write("a", 1).Write("b", 1).Write("c", 1).End(); break;
                    case 14: w.BeginArray(reader.Name).End(); break;
                    default: w.Write(reader.Name, 0.55); break;
                }
                continue;
            }
            w.WriteElement(reader);
        }
    });

}
