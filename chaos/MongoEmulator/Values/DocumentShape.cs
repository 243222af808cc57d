using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>What mongod checks of a document that it is sent: structure, booleans and depth, but not whether text is UTF-8.</summary>
static class DocumentShape
{
    /// <summary>A command wraps a user's document in a few levels of its own.</summary>
    public const int MaxCommandDepth = Bson.MaxDepth + 20;

    /// <exception cref="BsonException">What is wrong and where.</exception>
    public static void Check(ReadOnlySpan<byte> document, int maxDepth = Bson.MaxDepth)
    {
        var reader = new BsonReader(document);
        Check(ref reader, maxDepth - 1, maxDepth);
    }

    static void Check(ref BsonReader reader, int depthLeft, int maxDepth)
    {
        while (reader.Read())
        {
            if (reader.Type == BsonType.Boolean)
                _ = reader.Boolean;
            else if (reader.Type is BsonType.Document or BsonType.Array)
            {
                if (depthLeft == 0)
                    throw new BsonException($"nested deeper than {maxDepth}", reader.ValueOffset, Encoding.UTF8.GetString(reader.NameUtf8));
                var nested = reader.Nested();
                Check(ref nested, depthLeft - 1, maxDepth);
            }
            else if (reader.Type == BsonType.JavaScriptWithScope)
            {
                reader.CodeWithScope(out var scope);
                if (depthLeft == 0)
                    throw new BsonException($"nested deeper than {maxDepth}", reader.ValueOffset, Encoding.UTF8.GetString(reader.NameUtf8));
                var nested = new BsonReader(scope, reader.ValueOffset);
                Check(ref nested, depthLeft - 1, maxDepth);
            }
        }
    }
}
