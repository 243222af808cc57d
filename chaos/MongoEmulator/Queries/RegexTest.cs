using System.Text;
using System.Text.RegularExpressions;
using Chaos.MongoEmulator.Commands;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>A regular expression: text that it finds itself in, and a stored regular expression that is the same.</summary>
sealed class RegexTest : ValueTest
{
    /// <summary>PCRE gives up after so many steps; this engine counts time.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly string pattern, options;
    readonly Regex regex;

    /// <exception cref="CommandException">An option or a pattern that is not one, or that this engine does not share with mongod's.</exception>
    public RegexTest(string pattern, string options)
    {
        this.pattern = pattern;
        this.options = string.Concat(options.Order());
        var flags = RegexOptions.CultureInvariant;
        foreach (char c in options)
            flags |= c switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                'u' => RegexOptions.None, // text is UTF-8 here anyway
                _ => throw new CommandException((ErrorCode)51108, $"invalid flag in regex options: {c}"),
            };
        if (pattern.Contains('\0'))
            throw new CommandException((ErrorCode)51109, "Regular expression cannot contain an embedded null byte");
        try
        {
            regex = new Regex(PcrePattern.Translate(pattern), flags, Patience);
        }
        catch (ArgumentException e)
        {
            throw new CommandException((ErrorCode)51091, $"Regular expression is invalid: {e.Message}");
        }
    }

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type == BsonType.RegularExpression)
        {
            int end = value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(value[..end]) == pattern && string.Concat(Encoding.UTF8.GetString(value[(end + 1)..^1]).Order()) == options;
        }
        if (type is not (BsonType.String or BsonType.Symbol))
            return false;
        try
        {
            return regex.IsMatch(Encoding.UTF8.GetString(value[4..^1]));
        }
        catch (RegexMatchTimeoutException)
        {
            throw new CommandException((ErrorCode)51156, $"Error occurred while executing regular expression: it takes longer than {Patience.TotalSeconds} s on one value");
        }
    }
}
