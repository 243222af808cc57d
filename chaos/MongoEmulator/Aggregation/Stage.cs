using System.Globalization;
using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>One step of a pipeline.</summary>
abstract class Stage
{
    public abstract IEnumerable<byte[]> Run(IEnumerable<byte[]> documents);

    /// <param name="random">For $sample.</param>
    /// <exception cref="CommandException">Location40324: no such stage here.</exception>
    public static Stage Parse(in BsonReader reader, Random random) => reader.Name switch
    {
        "$match" => new MatchStage(reader.Type == BsonType.Document
            ? FilterParser.Parse(reader.Document)
            : throw new CommandException((ErrorCode)15959, "the match filter must be an expression in an object")),
        "$group" => new GroupStage(reader),
        "$sort" => new SortStage(reader.Type == BsonType.Document && reader.Document.Length > BsonReader.SmallestDocument
            ? SortOrder.Parse(reader.Document)
            : throw new CommandException((ErrorCode)15976, "$sort stage must have at least one sort key")),
        "$limit" => new SliceStage(0, Whole(reader, (ErrorCode)15958, 1)),
        "$skip" => new SliceStage(Whole(reader, (ErrorCode)5107200, 0), long.MaxValue),
        "$project" => new ProjectStage(reader),
        "$addFields" or "$set" => new AddFieldsStage(reader),
        "$unset" => new UnsetStage(reader),
        "$replaceRoot" or "$replaceWith" => ReplaceRootStage.Parse(reader),
        "$unwind" => new UnwindStage(reader),
        "$sample" => new SampleStage(reader, random),
        "$count" => new CountStage(CountName(reader)),
        var name => throw new CommandException(ErrorCode.UnknownStage, $"Unrecognized pipeline stage name: '{name}'"),
    };

    static long Whole(in BsonReader reader, ErrorCode code, long least) =>
        BsonValue.CopyOf(reader).WholeNumber is { } number && number >= least
            ? number
            : throw new CommandException(code, $"invalid argument to {reader.Name} stage: Expected a number of at least {least.ToString(CultureInfo.InvariantCulture)} in: {reader.Name}: {ShellText.Of(reader.Type, reader.Value)}");

    static string CountName(in BsonReader reader)
    {
        string name = reader.Type == BsonType.String ? reader.String : throw new CommandException((ErrorCode)40156, "the count field must be a non-empty string");
        return name.Length > 0 && name[0] != '$' && !name.Contains('.')
            ? name
            : throw new CommandException((ErrorCode)40156, "the count field must be a non-empty string without '.' that does not begin with '$'");
    }
}

sealed class MatchStage(Filter filter) : Stage
{
    public Filter Filter => filter;

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) => documents.Where(d => filter.Matches(d));
}

sealed class SortStage(SortOrder order) : Stage
{
    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) => order.Sort(documents);
}

sealed class SliceStage(long skip, long limit) : Stage
{
    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents)
    {
        long left = limit, toSkip = skip;
        foreach (byte[] document in documents)
        {
            if (toSkip-- > 0)
                continue;
            yield return document;
            if (--left == 0)
                yield break;
        }
    }
}

/// <summary>The number of documents under a name; no document at all when there are none, as in mongod.</summary>
sealed class CountStage(string name) : Stage
{
    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents)
    {
        long count = documents.LongCount();
        if (count > 0)
            yield return Bson.Make(w =>
            {
                if (count <= int.MaxValue)
                    w.Write(name, (int)count);
                else
                    w.Write(name, count);
            });
    }
}
