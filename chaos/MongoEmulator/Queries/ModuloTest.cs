using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>$mod: a number whose whole part, divided, leaves that rest.</summary>
sealed class ModuloTest : ValueTest
{
    readonly long divisor, remainder;

    /// <exception cref="CommandException">BadValue: not two numbers, or a division by 0.</exception>
    public ModuloTest(in BsonReader argument)
    {
        if (argument.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, "malformed mod, needs to be an array");
        List<BsonValue> parts = [];
        var items = argument.Nested();
        while (items.Read())
            parts.Add(BsonValue.CopyOf(items));
        if (parts.Count != 2)
            throw new CommandException(ErrorCode.BadValue, parts.Count < 2 ? "malformed mod, not enough elements" : "malformed mod, too many elements");
        (divisor, remainder) = (Whole("divisor", parts[0]), Whole("remainder", parts[1]));
        if (divisor == 0)
            throw new CommandException(ErrorCode.BadValue, "divisor cannot be 0");
    }

    static long Whole(string name, BsonValue value) => value.IsNumber
        ? Arithmetic.Truncate(value.Type, value.Span) ?? throw new CommandException(ErrorCode.BadValue, $"malformed mod, {name} value is invalid: {ShellText.Of(value)}")
        : throw new CommandException(ErrorCode.BadValue, $"malformed mod, {name} not a number");

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value) =>
        type.IsNumber() && Arithmetic.Truncate(type, value) is { } whole && (divisor == -1 ? 0 : whole % divisor) == remainder;
}
