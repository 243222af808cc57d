using System.Buffers.Binary;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Makes of a document sent what is stored: its _id first (made when absent), and an empty top-level timestamp filled in.</summary>
static class NewDocument
{
    /// <exception cref="CommandException">Too large, or an _id of a type that cannot be one.</exception>
    public static byte[] Complete(ReadOnlySpan<byte> document, ServerState state)
    {
        byte[] complete = Arrange(document, state);
        return complete.Length <= Bson.MaxDocumentSize
            ? complete
            : throw new CommandException(ErrorCode.BadValue, $"object to insert too large. size in bytes: {complete.Length}, max size: {Bson.MaxDocumentSize}");
    }

    static byte[] Arrange(ReadOnlySpan<byte> document, ServerState state)
    {
        bool hasId = false, first = true, asIs = true;
        var reader = new BsonReader(document);
        while (reader.Read())
        {
            if (reader.NameUtf8.SequenceEqual("_id"u8))
            {
                if (hasId)
                    throw new CommandException(ErrorCode.BadValue, "can't have multiple _id fields in one document");
                CheckId(reader);
                hasId = true;
                asIs &= first;
            }
            else if (IsEmptyTimestamp(reader))
                asIs = false;
            first = false;
        }
        return hasId && asIs ? document.ToArray() : Rebuild(document, hasId, state);
    }

    static bool IsEmptyTimestamp(in BsonReader reader) => reader.Type == BsonType.Timestamp && reader.Timestamp == 0;

    static void CheckId(in BsonReader id)
    {
        if (id.Type is BsonType.Array or BsonType.RegularExpression or BsonType.Undefined)
            throw new CommandException(ErrorCode.InvalidIdField, $"The '_id' value cannot be of type {id.Type.Alias()}");
        if (id.Type != BsonType.Document)
            return;
        var fields = id.Nested();
        while (fields.Read())
            if (fields.NameUtf8.Length > 0 && fields.NameUtf8[0] == '$' && fields.Name is not ("$ref" or "$id" or "$db"))
                throw new CommandException(ErrorCode.DollarPrefixedFieldName, $"_id fields may not contain '$'-prefixed fields: {fields.Name} is not valid for storage.");
    }

    static byte[] Rebuild(ReadOnlySpan<byte> document, bool hasId, ServerState state)
    {
        var writer = new BsonWriter(document.Length + 32);
        writer.BeginDocument();
        var id = new BsonReader(document);
        if (hasId)
        {
            Bson.Find(ref id, "_id"u8);
            writer.WriteElement(id);
        }
        else
        {
            Span<byte> fresh = stackalloc byte[12];
            state.ObjectIds.Next(fresh);
            writer.WriteObjectId("_id", fresh);
        }
        var reader = new BsonReader(document);
        while (reader.Read())
            if (reader.NameUtf8.SequenceEqual("_id"u8))
                continue;
            else if (IsEmptyTimestamp(reader))
                writer.WriteTimestamp(reader.Name, state.Clock.Tick());
            else
                writer.WriteElement(reader);
        return writer.End().ToArray();
    }
}
