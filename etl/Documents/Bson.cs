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

    /// <summary>Checks a document to its leaves: lengths, terminators, types, UTF-8 of names and text, booleans, depth.</summary>
    /// <exception cref="BsonException">What is wrong, at which byte, on which path.</exception>
    public static void Validate(ReadOnlySpan<byte> document, int maxDepth = MaxDepth) => Validate(new BsonReader(document), 0, "", maxDepth);

    static void Validate(BsonReader reader, int origin, string path, int depthLeft)
    {
        if (depthLeft == 0)
            throw new BsonException($"nested deeper than {MaxDepth}", origin, path);
        while (ReadElement(ref reader, path))
        {
            string here = path.Length == 0 ? reader.Name : $"{path}.{reader.Name}";
            int offset = origin + reader.ValueOffset;
            if (!BsonReader.Utf8Valid(reader.NameUtf8))
                throw new BsonException("a name that is not UTF-8", offset, here);
            switch (reader.Type)
            {
                case BsonType.String or BsonType.JavaScript or BsonType.Symbol when !BsonReader.Utf8Valid(reader.Utf8):
                    throw new BsonException("text that is not UTF-8", offset, here);
                case BsonType.Boolean:
                    _ = reader.Boolean;
                    break;
                case BsonType.Binary:
                    _ = reader.BinaryBytes;
                    break;
                case BsonType.RegularExpression:
                    _ = reader.Regex;
                    break;
                case BsonType.JavaScriptWithScope:
                    if (!BsonReader.Utf8Valid(reader.CodeWithScope(out var scope)))
                        throw new BsonException("code that is not UTF-8", offset, here);
                    int scopeStart = offset + reader.Value.Length - scope.Length;
                    Validate(new BsonReader(scope, scopeStart), scopeStart, here, depthLeft - 1);
                    break;
                case BsonType.Document or BsonType.Array:
                    Validate(reader.Nested(), offset, here, depthLeft - 1);
                    break;
            }
        }
    }

    static bool ReadElement(ref BsonReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (BsonException e) when (path.Length > 0)
        {
            throw new BsonException(e.Problem, e.Offset, e.Path.Length == 0 ? path : $"{path}.{e.Path}");
        }
    }

    /// <summary>Moves a reader to the element of that name; false, with the reader at the end, when there is none.</summary>
    public static bool Find(ref BsonReader reader, scoped ReadOnlySpan<byte> nameUtf8)
    {
        while (reader.Read())
            if (reader.NameUtf8.SequenceEqual(nameUtf8))
                return true;
        return false;
    }
}
