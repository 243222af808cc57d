using System.Globalization;
using Etl.Documents;

namespace Etl.Tests.Loading;

/// <summary>A document of the collection users, and, computed apart from the product, the rows it must become.</summary>
sealed record Person(int Id)
{
    public string? First { get; init; } = "Ada";
    public object? Age { get; init; } = 36;
    public string? Country { get; init; } = "GB";
    public long SignUp { get; init; } = 1_591_000_000_123;
    public int? Group { get; init; } = 1;
    public int? MessagesPerDay { get; init; } = 3;
    public Subscription? Subscription { get; init; }

    /// <summary>Breaks the contract: the age is a text.</summary>
    public bool IsBad { get; init; }

    public byte[] Position => Bson.Make(w => w.WriteObjectId("_id", ObjectId('a', Id)));

    public static byte[] ObjectId(char kind, int number)
    {
        var bytes = new byte[12];
        bytes[0] = (byte)kind;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), number);
        return bytes;
    }

    public static string Hex(char kind, int number) => Convert.ToHexStringLower(ObjectId(kind, number));

    public byte[] ToBson() => Bson.Make(w =>
    {
        w.WriteObjectId("_id", ObjectId('a', Id));
        Any(w, "firstname", First);
        Any(w, "lastname", "Lovelace");
        Any(w, "age", IsBad ? "old" : Age);
        Any(w, "gender", "");
        Any(w, "country", Country);
        Any(w, "postCode", "W1");
        w.WriteDateTime("signUpDate", SignUp);
        if (Group is { } group)
            w.WriteObjectId("groupId", ObjectId('g', group));
        if (MessagesPerDay is { } perDay)
            w.BeginDocument("fakeDataHelpers").Write("messagesPerDay", perDay).End();
        Subscription?.Write(w);
    });

    /// <summary>Null leaves the key out.</summary>
    public static void Any(BsonWriter w, string name, object? value)
    {
        switch (value)
        {
            case int i: w.Write(name, i); break;
            case long l: w.Write(name, l); break;
            case double d: w.Write(name, d); break;
            case decimal m: w.Write(name, (Decimal128)m); break;
            case string s: w.Write(name, s); break;
            case null: break;
            default: throw new ArgumentException($"No BSON for {value}.");
        }
    }

    /// <summary>NULL is ∅; numbers without trailing zeros.</summary>
    public static string Cell(object? value) => value switch
    {
        null => "∅",
        string s => s,
        double d => ((decimal)d).ToString("0.############", CultureInfo.InvariantCulture),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"No text for {value}."),
    };

    public static string Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    string User => Hex('a', Id);

    /// <summary>Table, key, row.</summary>
    public IEnumerable<(string Table, string Key, string Row)> Rows()
    {
        yield return ("users", User, string.Join('|', User, Cell(First), "Lovelace", Cell(Age), "", Cell(Country), "W1", Time(SignUp),
            Group is { } g ? Hex('g', g) : "∅", Cell(MessagesPerDay)));
        if (Subscription is not { } s)
            yield break;
        string id = Hex('s', s.Id);
        yield return ("subscriptions", id, string.Join('|', id, User, Hex('r', s.Reference), Time(s.Start), s.Plan.Id));
        foreach (var invoice in s.Invoices ?? [])
        {
            string key = Hex('i', invoice.Id);
            yield return ("invoices", key, string.Join('|', key, id, User, Cell(invoice.Amount), "GBP", Cell(invoice.Status), Time(invoice.Date)));
        }
    }

    /// <summary>Keys that another document could claim too; the same key twice when it stands twice here.</summary>
    public IEnumerable<(string Table, string Key)> Claims() => Rows().Where(r => r.Table != "users").Select(r => (r.Table, r.Key));
}

sealed record Subscription(int Id, Plan Plan)
{
    public int Reference { get; init; } = 7;
    public long Start { get; init; } = 1_591_000_000_000;

    /// <summary>Null: the key is missing.</summary>
    public IReadOnlyList<Invoice>? Invoices { get; init; } = [];

    public void Write(BsonWriter w)
    {
        w.BeginDocument("subscriptions").WriteObjectId("_id", Person.ObjectId('s', Id)).WriteObjectId("subscriptionID", Person.ObjectId('r', Reference))
            .WriteDateTime("startDate", Start).BeginDocument("planType").WriteObjectId("_id", Person.ObjectId('p', Id)).Write("planID", Plan.Id);
        Person.Any(w, "planDescription", Plan.Description);
        Person.Any(w, "planCost", Plan.Cost);
        w.Write("currency", "GBP").Write("planLength", 1).Write("planLengthUnits", "month").Write("paymentType", "repeat").End();
        if (Invoices is not null)
        {
            w.BeginArray("invoices");
            foreach (var invoice in Invoices)
            {
                w.BeginDocument().WriteObjectId("_id", Person.ObjectId('i', invoice.Id));
                Person.Any(w, "amount", invoice.Amount);
                w.Write("currency", "GBP").BeginDocument("info");
                Person.Any(w, "status", invoice.Status);
                w.WriteDateTime("date", invoice.Date).End().End();
            }
            w.End();
        }
        w.End();
    }
}

sealed record Plan(string Id, string Description, object Cost)
{
    public string Row => string.Join('|', Id, Description, Person.Cell(Cost), "GBP", "1", "month", "repeat");
}

sealed record Invoice(int Id, object Amount, string Status = "paid", long Date = 1_591_100_000_000);
