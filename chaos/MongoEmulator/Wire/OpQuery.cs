using System.Buffers.Binary;
using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Wire;

/// <summary>The legacy OP_QUERY, in which drivers say their first isMaster.</summary>
sealed record OpQuery(string Database, ReadOnlyMemory<byte> Command)
{
    /// <exception cref="WireException">It is not laid out as an OP_QUERY.</exception>
    public static OpQuery Parse(ReadOnlyMemory<byte> message)
    {
        var span = message.Span;
        int from = MessageHeader.Size + 4;
        int name = span.Length > from ? span[from..].IndexOf((byte)0) : -1;
        int at = from + name + 1 + 8;
        if (name < 0 || span.Length - at < BsonReader.SmallestDocument)
            throw new WireException("an OP_QUERY cut short");
        int length = BinaryPrimitives.ReadInt32LittleEndian(span[at..]);
        if (length < BsonReader.SmallestDocument || length > span.Length - at)
            throw new WireException($"an OP_QUERY with a document of {length} bytes");
        string collection = Encoding.UTF8.GetString(span.Slice(from, name));
        if (!collection.EndsWith(".$cmd", StringComparison.Ordinal))
            throw new WireException("an OP_QUERY that is not a command; queries come by OP_MSG");
        return new(collection[..^5], Unwrap(message.Slice(at, length)));
    }

    /// <summary>A read preference wraps the command into <c>{$query: …}</c>.</summary>
    static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> command)
    {
        try
        {
            var reader = new BsonReader(command.Span);
            return reader.Read() && reader.Name is "$query" or "query" && reader.Type == BsonType.Document
                ? command.Slice(reader.ValueOffset, reader.Value.Length)
                : command;
        }
        catch (BsonException e)
        {
            throw new WireException(e.Message);
        }
    }
}
