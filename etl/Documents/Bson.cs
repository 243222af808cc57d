namespace Etl.Documents;

/// <summary>Whole documents: make one, check one, find an element.</summary>
public static class Bson
{
    /// <summary>MongoDB's limit on nesting.</summary>
    public const int MaxDepth = 100;

    /// <summary>MongoDB's limit on a document, in bytes.</summary>
    public const int MaxDocumentSize = 16 * 1024 * 1024;

    /// <summary>Makes a document; the outermost Begin and End are done here.</summary>
    public static byte[] Make(Action<BsonWriter> write)
    {
        var writer = new BsonWriter();
        writer.BeginDocument();
        write(writer);
        writer.End();
        return writer.ToArray();
    }

    /// <summary>A document of one element of another: { _id: … }; {} where it has none of that name.</summary>
    /// <exception cref="BsonException">The document is broken before or at the element.</exception>
    public static byte[] Only(ReadOnlySpan<byte> document, ReadOnlySpan<byte> name)
    {
        var reader = new BsonReader(document);
        var writer = new BsonWriter(64);
        writer.BeginDocument();
        if (Find(ref reader, name))
            writer.WriteElement(reader);
        return writer.End().ToArray();
    }

    /// <summary>Checks a document to its leaves: lengths, terminators, types, UTF-8 of names and text, booleans, depth.</summary>
    /// <param name="uniqueKeys">Also that no key stands twice in its document: BSON allows it, most of its readers keep just one.</param>
    /// <exception cref="BsonException">What is wrong, at which byte, on which path.</exception>
    public static void Validate(ReadOnlySpan<byte> document, int maxDepth = MaxDepth, bool uniqueKeys = false) =>
        Validate(new BsonReader(document), "", maxDepth, maxDepth, uniqueKeys);

    static void Validate(BsonReader reader, string path, int depthLeft, int maxDepth, bool uniqueKeys)
    {
        if (depthLeft == 0)
            throw new BsonException($"nested deeper than {maxDepth}", reader.Origin, path);
        var names = uniqueKeys ? new HashSet<string>(StringComparer.Ordinal) : null;
        while (ReadChecked(ref reader, path))
        {
            if (names?.Add(reader.Name) == false)
                throw new BsonException("a key that stands twice", reader.Origin + reader.ValueOffset, Joined(path, reader.Name));
            if (reader.Type is BsonType.Document or BsonType.Array)
                Validate(Inside(reader.Document, reader.Origin + reader.ValueOffset, reader, path), Joined(path, reader.Name), depthLeft - 1, maxDepth, uniqueKeys);
            else if (reader.Type == BsonType.JavaScriptWithScope)
            {
                reader.CodeWithScope(out var scope);
                int scopeStart = reader.Origin + reader.ValueOffset + reader.Value.Length - scope.Length;
                Validate(Inside(scope, scopeStart, reader, path), Joined(path, reader.Name), depthLeft - 1, maxDepth, uniqueKeys);
            }
        }
    }

    static BsonReader Inside(ReadOnlySpan<byte> nested, int start, scoped in BsonReader outer, string path)
    {
        try
        {
            return new BsonReader(nested, start);
        }
        catch (BsonException e)
        {
            throw new BsonException(e.Problem, e.Offset, Joined(path, outer.Name));
        }
    }

    /// <summary>Reads the next element and checks what reading alone does not: UTF-8 and booleans.</summary>
    static bool ReadChecked(ref BsonReader reader, string path)
    {
        try
        {
            if (!reader.Read())
                return false;
            if (!BsonReader.Utf8Valid(reader.NameUtf8))
                throw new BsonException("a name that is not UTF-8", reader.Origin + reader.ValueOffset, reader.Name);
            bool valid = reader.Type switch
            {
                BsonType.String or BsonType.JavaScript or BsonType.Symbol => BsonReader.Utf8Valid(reader.Utf8),
                BsonType.JavaScriptWithScope => BsonReader.Utf8Valid(reader.CodeWithScope(out _)),
                BsonType.DbPointer => BsonReader.Utf8Valid(reader.DbPointer(out _)),
                BsonType.RegularExpression => BsonReader.Utf8Valid(reader.Value),
                BsonType.Boolean => reader.Boolean || true, // throws where it is neither
                _ => true,
            };
            return valid ? true : throw new BsonException("text that is not UTF-8", reader.Origin + reader.ValueOffset, reader.Name);
        }
        catch (BsonException e) when (path.Length > 0)
        {
            throw new BsonException(e.Problem, e.Offset, e.Path.Length == 0 ? path : Joined(path, e.Path));
        }
    }

    static string Joined(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>Moves a reader to the element of that name; false, with the reader at the end, when there is none.</summary>
    public static bool Find(ref BsonReader reader, scoped ReadOnlySpan<byte> nameUtf8)
    {
        while (reader.Read())
            if (reader.NameUtf8.SequenceEqual(nameUtf8))
                return true;
        return false;
    }
}
