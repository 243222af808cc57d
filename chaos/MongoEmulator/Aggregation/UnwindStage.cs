using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>$unwind: one document for each element of an array. What is no array counts as one element; nothing, null and an empty array as none, unless preserved.</summary>
sealed class UnwindStage : Stage
{
    readonly FieldPath path;
    readonly string? index;
    readonly bool preserves;

    public UnwindStage(in BsonReader specification)
    {
        string? prefixed = null;
        if (specification.Type == BsonType.String)
            prefixed = specification.String;
        else if (specification.Type != BsonType.Document)
            throw new CommandException((ErrorCode)15981, $"expected either a string or an object as specification for $unwind stage, got {specification.Type.Alias()}");
        else
            for (var reader = specification.Nested(); reader.Read();)
                switch (reader.Name)
                {
                    case "path":
                        prefixed = reader.Type == BsonType.String ? reader.String : throw new CommandException((ErrorCode)28808, $"expected a string as the path for $unwind stage, got {reader.Type.Alias()}");
                        break;
                    case "preserveNullAndEmptyArrays":
                        preserves = reader.Type == BsonType.Boolean ? reader.Boolean : throw new CommandException((ErrorCode)28809, $"expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got {reader.Type.Alias()}");
                        break;
                    case "includeArrayIndex":
                        index = reader.Type == BsonType.String && reader.Utf8.Length > 0 ? reader.String : throw new CommandException((ErrorCode)28810, $"expected a non-empty string for the includeArrayIndex option to $unwind stage, got {reader.Type.Alias()}");
                        break;
                    default:
                        throw new CommandException((ErrorCode)28811, $"unrecognized option to $unwind stage: {reader.Name}");
                }
        if (prefixed is null or "")
            throw new CommandException((ErrorCode)28812, "no path specified to $unwind stage");
        if (index?.StartsWith('$') == true)
            throw new CommandException((ErrorCode)28822, $"includeArrayIndex option to $unwind stage should not be prefixed with a '$': {index}");
        path = prefixed[0] == '$' ? new FieldPath(prefixed[1..])
            : throw new CommandException((ErrorCode)28818, $"path option to $unwind stage should be prefixed with a '$': {prefixed}");
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) => documents.SelectMany(Unwind);

    List<byte[]> Unwind(byte[] document)
    {
        var value = Reach(document);
        List<byte[]> all = [];
        if (value.Type == BsonType.Array)
        {
            long at = 0;
            for (var items = new BsonReader(value.Span); items.Read();)
                all.Add(Made(document, BsonValue.CopyOf(items), BsonValue.Of(at++)));
            if (at == 0 && preserves)
                all.Add(Made(document, BsonValue.Missing, BsonValue.Null));
        }
        else if (value.Type is not (BsonType.EndOfDocument or BsonType.Null or BsonType.Undefined) || preserves)
            all.Add(Made(document, value, BsonValue.Null));
        return all;
    }

    /// <summary>The value at the path; one inside an array on the way is not found.</summary>
    BsonValue Reach(ReadOnlyMemory<byte> document)
    {
        for (int i = 0; ; i++)
        {
            var reader = new BsonReader(document.Span);
            if (!Bson.Find(ref reader, path[i]))
                return BsonValue.Missing;
            document = document.Slice(reader.ValueOffset, reader.Value.Length);
            if (i == path.Length - 1)
                return new(reader.Type, document);
            if (reader.Type != BsonType.Document)
                return BsonValue.Missing;
        }
    }

    byte[] Made(byte[] document, BsonValue element, BsonValue ordinal)
    {
        var fields = new ComputedFields();
        fields.Add(path, new Constant(element));
        if (index != null)
            fields.Add(new FieldPath(index), new Constant(ordinal));
        return fields.Apply(document, document);
    }
}
