using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>$type: one of several types, by number, by alias, or as "number".</summary>
sealed class TypeTest : ValueTest
{
    readonly HashSet<BsonType> types = [];

    /// <exception cref="CommandException">No such type.</exception>
    public TypeTest(in BsonReader argument)
    {
        if (argument.Type != BsonType.Array)
        {
            Add(BsonValue.CopyOf(argument));
            return;
        }
        var items = argument.Nested();
        while (items.Read())
            Add(BsonValue.CopyOf(items));
        if (types.Count == 0)
            throw new CommandException(ErrorCode.FailedToParse, "$type must match at least one type");
    }

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value) => types.Contains(type);

    void Add(BsonValue wanted)
    {
        if (wanted is { Type: BsonType.String, Text: "number" })
            types.UnionWith([BsonType.Int32, BsonType.Int64, BsonType.Double, BsonType.Decimal128]);
        else if (wanted.Type == BsonType.String)
            types.Add(BsonTypeNames.FromAlias(wanted.Text) ?? throw new CommandException(ErrorCode.BadValue, $"Unknown type name alias: {wanted.Text}"));
        else if (wanted.IsNumber)
            types.Add(Numbered(wanted));
        else
            throw new CommandException(ErrorCode.TypeMismatch, "type must be represented as a number or a string");
    }

    /// <summary>MinKey is −1 to MongoDB, though its byte is 0xFF.</summary>
    static BsonType Numbered(BsonValue number) => number.WholeNumber switch
    {
        -1 => BsonType.MinKey,
        > 0 and < 255 and var code when Enum.IsDefined((BsonType)code) => (BsonType)code,
        _ => throw new CommandException(ErrorCode.BadValue, $"Invalid numerical type code: {ShellText.Of(number)}"),
    };
}
