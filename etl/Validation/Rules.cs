using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;

namespace Etl.Validation;

internal sealed class RequiredRule() : Rule(RuleNames.Required, "be there and not null")
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value) => !IsNothing(type);
}

internal sealed class MustExistRule() : Rule(RuleNames.MustExist, "be there, if only as null")
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value) => type != Missing;
}

internal sealed class TypeRule : Rule
{
    readonly bool[] accepted = new bool[256];

    public TypeRule(IEnumerable<BsonType> types) : base(RuleNames.Type, $"be {string.Join(" or ", types.Select(t => t.Alias()))}")
    {
        foreach (var type in types)
            accepted[(byte)type] = true;
    }

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value) => IsNothing(type) || accepted[(byte)type];
}

/// <summary>A bound of a date, inclusive, in milliseconds since 1970.</summary>
/// <param name="form">How it is written, where it is no date of BSON; what is no time at all, the column refuses.</param>
internal sealed class DateBoundRule(string name, string demand, long first, long last, TimeForm? form) : Rule(name, demand)
{
    const long Epoch = 946_684_800_000, Microseconds = 1_000;

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (form is not null)
            return IsNothing(type) || TimeReader.TryRead(form, type, value, out long microseconds) != Fit.Fits || IsBetween((double)microseconds / Microseconds + Epoch);
        return type != BsonType.DateTime || BinaryPrimitives.ReadInt64LittleEndian(value) is var at && at >= first && at <= last;
    }

    /// <summary>A double has more than enough digits for the microseconds of any year that a contract bounds.</summary>
    bool IsBetween(double milliseconds) => milliseconds >= first && milliseconds <= last;
}

/// <summary>Bounds of a text's length in code points.</summary>
internal sealed class LengthRule(string name, string demand, int least, int most) : Rule(name, demand)
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.String)
            return true;
        const int longest = 4; // bytes of a code point
        var text = value[4..^1];
        if (text.Length <= most && text.Length / longest >= least)
            return true;
        int count = 0;
        foreach (byte b in text)
            if ((b & 0xC0) != 0x80) // every byte but the continuations begins a code point
                count++;
        return count >= least && count <= most;
    }
}

/// <summary>An IPv6 address, without a zone.</summary>
internal sealed class Ipv6Rule(string demand) : Rule(RuleNames.Format, demand)
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value) =>
        type != BsonType.String || value[4..^1] is var text && text.Contains((byte)':') && !text.ContainsAny("%[]"u8) && System.Net.IPAddress.IsValidUtf8(text);
}

internal sealed class PatternRule(string name, string demand, string pattern) : Rule(name, demand)
{
    /// <summary>Bytes of text whose characters fit on the stack.</summary>
    const int Short = 128;

    readonly Regex regex = new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type != BsonType.String)
            return true;
        var utf8 = value[4..^1];
        if (utf8.Length <= Short)
            return Matches(utf8, stackalloc char[Short]);
        char[] characters = ArrayPool<char>.Shared.Rent(utf8.Length);
        bool matches = Matches(utf8, characters);
        ArrayPool<char>.Shared.Return(characters);
        return matches;
    }

    bool Matches(ReadOnlySpan<byte> utf8, Span<char> characters) => regex.IsMatch(characters[..Encoding.UTF8.GetChars(utf8, characters)]);
}

internal sealed class ValidValuesRule(IReadOnlyList<string> values, string demand) : Rule(RuleNames.ValidValues, demand)
{
    readonly byte[][] texts = [.. values.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whole numbers come as int32, others as double, in one field, and as they like in a contract: 5, 5.0 and 5e0 are one value.</summary>
    readonly decimal[] numbers = [.. values.Select(v => decimal.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : (decimal?)null).OfType<decimal>()];

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        if (IsNothing(type))
            return true;
        if (type == BsonType.String)
        {
            var text = value[4..^1];
            foreach (byte[] valid in texts)
                if (text.SequenceEqual(valid))
                    return true;
            return false;
        }
        return type is BsonType.Document or BsonType.Array || AllowsOther(type, value);
    }

    bool AllowsOther(BsonType type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case BsonType.ObjectId:
                return values.Contains(Convert.ToHexStringLower(value));
            case BsonType.Int32:
                return numbers.Contains(BinaryPrimitives.ReadInt32LittleEndian(value));
            case BsonType.Int64:
                return numbers.Contains(BinaryPrimitives.ReadInt64LittleEndian(value));
        }
        string shown = type == BsonType.Decimal128 ? new Decimal128(value).ToString() : ExtendedJson.ValueToString(type, value);
        return type is BsonType.Double or BsonType.Decimal128 && decimal.TryParse(shown, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            ? numbers.Contains(number)
            : values.Contains(shown);
    }
}
