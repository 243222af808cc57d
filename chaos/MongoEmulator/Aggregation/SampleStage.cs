using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>$sample: so many documents by chance, none twice; the chance is the server's seed.</summary>
sealed class SampleStage : Stage
{
    readonly long size;
    readonly Random random;

    public SampleStage(in BsonReader specification, Random random)
    {
        this.random = random;
        if (specification.Type != BsonType.Document)
            throw new CommandException((ErrorCode)28745, "the $sample stage specification must be an object");
        long? given = null;
        for (var reader = specification.Nested(); reader.Read();)
            given = reader.Name != "size" ? throw new CommandException((ErrorCode)28748, $"unrecognized option to $sample: {reader.Name}")
                : !reader.Type.IsNumber() ? throw new CommandException((ErrorCode)28746, "size argument to $sample must be a number")
                : Arithmetic.Truncate(reader.Type, reader.Value) is { } whole and >= 0 ? whole
                : throw new CommandException((ErrorCode)28747, "size argument to $sample must not be negative");
        size = given ?? throw new CommandException((ErrorCode)28749, "$sample stage must specify a size");
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents)
    {
        var all = documents.ToArray();
        int wanted = (int)Math.Min(size, all.Length);
        for (int i = 0; i < wanted; i++)
        {
            int other = random.Next(i, all.Length);
            (all[i], all[other]) = (all[other], all[i]);
        }
        return all.Take(wanted);
    }
}
