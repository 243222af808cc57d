using System.Globalization;
using System.Text;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>Texts that break one demand and keep the others, and texts that break none but look as if.</summary>
static class Texts
{
    /// <summary>Longer texts are not made: a limit that large is no limit to test by one document.</summary>
    const int LongestMade = 1_000_000;

    /// <summary>Each counts as one character where lengths are counted: an overlong slash, halves of a surrogate pair (CESU-8), a sequence cut short, bytes that never occur.</summary>
    public static readonly byte[][] IllFormed = [[0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xC3], [0xFF], [0xFE], [0xF5, 0x80, 0x80, 0x80]];

    static readonly string[] Unlikely = ["", "~", "~~~~~~~~", "\u00A7 \u00A7", "not that", "UNKNOWN", "-1", "\n", "0", "x@", "#####", "zz zz zz zz"];

    /// <summary>PostgreSQL, COPY, CSV, HTML, terminals and shells each see something in one of these.</summary>
    static readonly string[] LookDangerous =
    [
        "x\"; DROP TABLE users;--", "' OR '1'='1", "\\N", "\\.", "NULL", "null", "NaN", "{}", "{$ne: null}", "$where", "=1+1", "@SUM(A1)", "<script>alert(1)</script>",
        "</script>", "javascript:alert(1)", "${jndi:ldap://localhost/a}", "{{7*7}}", "../../etc/passwd", "%00", "%s%n", "\u001B[31mred\u001B[0m", "\a\b\u007F", "\r\n\t", " ", "\u00A0",
        "\uFEFFbom", "\u200B\u200D", "\u202Eright to left", "e\u0301", "\u00E9", "\U0001F469\u200D\U0001F4BB", "\U0010FFFF", "\uFFFD\uFFFE\uFFFF", "\u0130\u0131", "\u2028\u2029", "a,b;\"c\"", "\\", "'",
    ];

    public static BsonValue? Naughty(Place place, Demands d, Random random) =>
        IsFree(place, d) ? random.PickFrom([.. LookDangerous.Where(d.AllowsText).Select(BsonValue.Of)]) : null;

    /// <summary>No characters at all, where there were some: neither null nor missing, and kept apart from both.</summary>
    public static BsonValue? Empty(Place place, Demands d) =>
        IsFree(place, d) && d.AllowsText("") && place is not { Type: BsonType.String, Value.Length: 5 } ? BsonValue.Of("") : null;

    /// <summary>Loaded, and nobody's key: another text there changes nothing else.</summary>
    static bool IsFree(Place place, Demands d) =>
        d is { IsLoaded: true, IsValue: true } && place.Field is { KeyPosition: 0, Unique: false } && !place.Described.IsShared;

    /// <summary>The text with one ill thing somewhere inside, no longer than allowed.</summary>
    public static BsonValue? With(Place place, Demands d, byte[] ill, Random random)
    {
        if (!d.IsLoaded || !d.IsValue || !d.Accepts(BsonType.String) || d.IsChoosy || d.Constraints.MaxLength is 0)
            return null;
        var runes = Own(place, d).EnumerateRunes().ToList();
        if (runes.Count == d.Constraints.MaxLength)
            runes.RemoveAt(runes.Count - 1);
        int at = random.Next(runes.Count + 1);
        return BsonValue.OfUtf8([.. Utf8(runes.Take(at)), .. ill, .. Utf8(runes.Skip(at))]);
    }

    public static BsonValue? TooShort(Place place, Demands d) => IsText(d) && d.Constraints.MinLength is > 0 and <= LongestMade and var least
        ? Keeping(d, Cut(Own(place, d), least - 1)) : null;

    public static BsonValue? TooLong(Place place, Demands d) => IsText(d) && d.Constraints.MaxLength is < LongestMade and var most
        ? Keeping(d, Cut(Own(place, d), most + 1)) : null;

    public static BsonValue? NotMatching(Place place, Demands d, Random random) => IsText(d) && d.Constraints.Pattern is not null
        ? random.PickFrom([.. Variants(place, d).Where(t => !d.AllowsPattern(t) && d.AllowsLength(t) && d.AllowsFormat(t) && d.AllowsChoice(t)).Select(BsonValue.Of)]) : null;

    public static BsonValue? NotFormatted(Place place, Demands d, Random random) => IsText(d) && d.Constraints.Format is not null
        ? random.PickFrom([.. Variants(place, d).Where(t => !d.AllowsFormat(t) && d.AllowsLength(t) && d.AllowsPattern(t) && d.AllowsChoice(t)).Select(BsonValue.Of)]) : null;

    public static BsonValue? Invalid(Place place, Demands d, Random random)
    {
        if (!d.IsValue || d.Constraints.ValidValues is not { Count: > 0 } valid)
            return null;
        if (d.Accepts(BsonType.String))
            return random.PickFrom([.. Variants(place, d).Concat(valid.SelectMany(Near))
                .Where(t => !d.AllowsChoice(t) && d.AllowsLength(t) && d.AllowsPattern(t) && d.AllowsFormat(t)).Select(BsonValue.Of)]);
        var numbers = Enumerable.Range(-1, valid.Count + 3).Where(n => !d.AllowsChoice(n.ToString(CultureInfo.InvariantCulture)) && d.AllowsBounds((double)n) && d.FitsWhole(n));
        return random.PickFrom([.. numbers.Select(n => d.Number(n)).OfType<BsonValue>()]);
    }

    static bool IsText(Demands d) => d.IsValue && d.Accepts(BsonType.String);

    static BsonValue? Keeping(Demands d, string text) =>
        d.AllowsPattern(text) && d.AllowsFormat(text) && d.AllowsChoice(text) ? BsonValue.Of(text) : null;

    /// <summary>What people type instead: another case, a blank, a letter too many or too few.</summary>
    static string[] Near(string valid) => [valid.ToUpperInvariant(), valid.ToLowerInvariant(), valid + " ", " " + valid, valid + "x", valid.Length > 1 ? valid[..^1] : valid + valid];

    static IEnumerable<string> Variants(Place place, Demands d)
    {
        string own = Own(place, d);
        int least = d.Constraints.MinLength ?? 0, most = d.Constraints.MaxLength ?? LongestMade;
        return Unlikely.Concat(Near(own)).Concat([own + "\n~", "~" + own]).SelectMany(t => new[] { t, t.Length == 0 ? "" : Cut(t, Math.Min(Math.Max(least, 1), LongestMade)), Cut(t, Math.Min(most, Math.Max(least, 1))) }).Distinct();
    }

    /// <summary>The text that is there, or one of an allowed length.</summary>
    static string Own(Place place, Demands d)
    {
        if (place is { Type: BsonType.String, Value.Length: > 5 })
            return Encoding.UTF8.GetString(place.Value.Span[4..^1]);
        return Cut("x", Math.Clamp(1, d.Constraints.MinLength ?? 0, Math.Max(d.Constraints.MinLength ?? 0, Math.Min(d.Constraints.MaxLength ?? LongestMade, LongestMade))));
    }

    /// <summary>The text's first characters; its last one repeated where it has not so many.</summary>
    static string Cut(string text, int characters)
    {
        var runes = text.EnumerateRunes().ToList();
        var last = runes.Count > 0 ? runes[^1] : new Rune('x');
        return Encoding.UTF8.GetString(Utf8([.. runes.Take(characters), .. Enumerable.Repeat(last, Math.Max(0, characters - runes.Count))]));
    }

    static byte[] Utf8(IEnumerable<Rune> runes) => Encoding.UTF8.GetBytes(string.Concat(runes));
}
