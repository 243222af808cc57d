using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>
/// The fields of a command, each taken once. What is left over when a command has taken all it knows is refused by name:
/// an option ignored would be an answer guessed.
/// </summary>
sealed class Arguments
{
    readonly Dictionary<string, BsonValue> fields = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<ReadOnlyMemory<byte>>> sequences;
    readonly string owner;

    /// <exception cref="CommandException">Two fields of one name.</exception>
    public Arguments(ReadOnlyMemory<byte> document, string? owner = null, Dictionary<string, List<ReadOnlyMemory<byte>>>? sequences = null)
    {
        this.sequences = sequences ?? [];
        var reader = new BsonReader(document.Span);
        string? first = null;
        while (reader.Read())
        {
            first ??= reader.Name;
            if (!fields.TryAdd(reader.Name, new(reader.Type, document.Slice(reader.ValueOffset, reader.Value.Length))))
                throw new CommandException((ErrorCode)40413, $"BSON field '{owner ?? first}.{reader.Name}' is a duplicate field");
        }
        Name = first ?? "";
        this.owner = owner ?? Name;
    }

    /// <summary>The first field's name: the command.</summary>
    public string Name { get; }

    /// <summary>Looks at a field and leaves it.</summary>
    public BsonValue Peek(string name) => fields.GetValueOrDefault(name);

    public BsonValue Take(string name) => fields.Remove(name, out var value) ? value : BsonValue.Missing;

    public string Text(string name) => OptionalText(name) ?? throw Absent(name);

    public string? OptionalText(string name) => Take(name) is var value && value.IsMissing ? null
        : value.Type == BsonType.String ? value.Text
        : throw Wrong(name, value, "string");

    public long? Number(string name)
    {
        var value = Take(name);
        return value.Type is BsonType.EndOfDocument or BsonType.Null ? null
            : value.IsNumber ? value.WholeNumber ?? (long)Arithmetic.ToDouble(value)
            : throw Wrong(name, value, "long, int, decimal, double");
    }

    /// <summary>A number that may not be negative.</summary>
    public long Count(string name, long otherwise) => Number(name) switch
    {
        null => otherwise,
        < 0 and var negative => throw new CommandException((ErrorCode)51024, $"BSON field '{owner}.{name}' value must be >= 0, actual value '{negative}'"),
        var number => number.Value,
    };

    public bool Flag(string name, bool otherwise = false) => Take(name) is var value && value.IsMissing ? otherwise
        : value.Type == BsonType.Boolean || value.IsNumber ? value.IsTrue
        : throw Wrong(name, value, "bool, long, int, decimal, double");

    public ReadOnlyMemory<byte>? Document(string name) => Take(name) is var value && value.IsMissing ? default(ReadOnlyMemory<byte>?)
        : value.Type == BsonType.Document ? value.Bytes
        : throw Wrong(name, value, "object");

    /// <summary>The documents of an array, or of the sequence of that name beside the command.</summary>
    public List<ReadOnlyMemory<byte>> Documents(string name)
    {
        if (sequences.Remove(name, out var sequence))
            return sequence;
        var value = Take(name);
        if (value.IsMissing)
            throw Absent(name);
        if (value.Type != BsonType.Array)
            throw Wrong(name, value, "array");
        List<ReadOnlyMemory<byte>> documents = [];
        var items = new BsonReader(value.Span);
        while (items.Read())
            documents.Add(items.Type == BsonType.Document
                ? value.Bytes.Slice(items.ValueOffset, items.Value.Length)
                : throw Wrong($"{name}.{items.Name}", BsonValue.CopyOf(items), "object"));
        return documents;
    }

    /// <summary>Options that change nothing here whatever they say.</summary>
    public Arguments Accept(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            fields.Remove(name);
        return this;
    }

    /// <summary>Options known to mongod and not here: fine while they ask for nothing.</summary>
    public Arguments Refuse(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (Take(name) is { IsMissing: false } value && !AsksNothing(value))
                throw new CommandException(ErrorCode.BadValue, $"this emulator does not know '{owner}.{name}', given {ShellText.Of(value)}");
        return this;
    }

    static bool AsksNothing(BsonValue value) => !value.IsTrue
        || value.Type is BsonType.Document or BsonType.Array && value.Bytes.Length == BsonReader.SmallestDocument;

    /// <summary>A collation that compares bytes is what everything here does; any other is refused.</summary>
    public Arguments SimpleCollation()
    {
        var collation = Take("collation");
        if (collation.IsMissing)
            return this;
        if (collation.Type != BsonType.Document)
            throw Wrong("collation", collation, "object");
        return AsksNothing(collation) || new FieldPath("locale").Evaluate(collation.Bytes) is { Type: BsonType.String, Text: "simple" }
            ? this
            : throw new CommandException(ErrorCode.BadValue, $"this emulator compares text by its bytes (collation {{ locale: \"simple\" }}) and knows no other '{owner}.collation', given {ShellText.Of(collation)}");
    }

    /// <summary>The first of what no one has taken, or null.</summary>
    public string? Left => fields.Keys.FirstOrDefault();

    /// <exception cref="CommandException">Something is left.</exception>
    public void Done()
    {
        foreach (string name in fields.Keys.Concat(sequences.Keys))
            throw new CommandException(ErrorCode.UnknownField, $"BSON field '{owner}.{name}' is an unknown field.");
    }

    CommandException Wrong(string name, in BsonValue value, string expected) =>
        new(ErrorCode.TypeMismatch, $"BSON field '{owner}.{name}' is the wrong type '{value.Type.Alias()}', expected type '{expected}'");

    CommandException Absent(string name) =>
        new(ErrorCode.MissingField, $"BSON field '{owner}.{name}' is missing but a required field");
}
