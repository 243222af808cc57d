using System.Text;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>
/// One document as rule sets see it: typed access by path, read from the bytes each time, without a copy of the document.
/// A path is dotted; an array's element goes by its place from 0: <c>subscriptions.invoices.0.amount</c>.
/// What is missing, null or of another type is null. Valid during the call that got it.
/// </summary>
public sealed class DocumentView
{
    ReadOnlyMemory<byte> document;
    byte[] owned = [];

    internal DocumentView()
    {
    }

    public DocumentView(ReadOnlyMemory<byte> document) => this.document = document;

    /// <summary>The document as BSON.</summary>
    public ReadOnlyMemory<byte> Bytes => document;

    /// <summary>Takes over a document whose bytes are not on the heap to stay; the room is used again.</summary>
    internal DocumentView Load(ReadOnlySpan<byte> bytes)
    {
        if (owned.Length < bytes.Length)
            owned = new byte[bytes.Length * 2];
        bytes.CopyTo(owned);
        document = owned.AsMemory(0, bytes.Length);
        return this;
    }

    /// <summary>The type of the value; null where there is none. Null is a type.</summary>
    public BsonType? TypeOf(string path) => Find(path, out var at) ? at.Type : null;

    public bool Has(string path) => Find(path, out _);

    /// <summary>A string, or an ObjectId's 24 hex digits.</summary>
    public string? Text(string path) => !Find(path, out var at) ? null : at.Type switch
    {
        BsonType.String => Encoding.UTF8.GetString(at.Utf8),
        BsonType.ObjectId => Convert.ToHexStringLower(at.ObjectId),
        _ => null,
    };

    /// <summary>A number of any type; null also where it has no place in a System.Decimal (NaN, 1E+300).</summary>
    public decimal? Number(string path)
    {
        if (!Find(path, out var at))
            return null;
        switch (at.Type)
        {
            case BsonType.Int32:
                return at.Int32;
            case BsonType.Int64:
                return at.Int64;
            case BsonType.Double:
                return Parsed(at.Double.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
            case BsonType.Decimal128:
                return Parsed(at.Decimal128.ToString());
            default:
                return null;
        }

        static decimal? Parsed(string text) =>
            decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal value) ? value : null;
    }

    public bool? Flag(string path) => Find(path, out var at) && at.Type == BsonType.Boolean ? at.Boolean : null;

    /// <summary>A date, in UTC; null also beyond the years 1 to 9999.</summary>
    public DateTimeOffset? Date(string path)
    {
        const long first = -62_135_596_800_000, last = 253_402_300_799_999;
        return Find(path, out var at) && at.Type == BsonType.DateTime && at.DateTime is >= first and <= last and var milliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>How many elements an array, or keys an object has.</summary>
    public int? Count(string path)
    {
        if (!Find(path, out var at) || at.Type is not (BsonType.Array or BsonType.Document))
            return null;
        int count = 0;
        for (var inside = at.Nested(); inside.Read();)
            count++;
        return count;
    }

    /// <summary>The documents of an array; what is no document is left out.</summary>
    public IReadOnlyList<DocumentView> Items(string path)
    {
        var items = new List<DocumentView>();
        if (Find(path, out var at) && at.Type == BsonType.Array)
            for (var inside = at.Nested(); inside.Read();)
                if (inside.Type == BsonType.Document)
                    items.Add(new DocumentView(document.Slice(inside.Origin + inside.ValueOffset, inside.Value.Length)));
        return items;
    }

    bool Find(string path, out BsonReader at)
    {
        at = new BsonReader(document.Span);
        Span<byte> name = stackalloc byte[256];
        foreach (var step in path.AsSpan().Split('.'))
        {
            if (step.Start.Value > 0)
            {
                if (at.Type is not (BsonType.Document or BsonType.Array))
                    return false;
                at = at.Nested();
            }
            if (!Encoding.UTF8.TryGetBytes(path.AsSpan(step), name, out int length) || !Bson.Find(ref at, name[..length]))
                return false;
        }
        return true;
    }

    /// <summary>Nothing of the content: messages are shown to people.</summary>
    public override string ToString() => "the document";
}
