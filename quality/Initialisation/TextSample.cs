using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Etl.Contracts;

namespace Quality.Initialisation;

/// <summary>What the texts of one field look like, in the documents that were kept.</summary>
internal sealed partial class TextSample
{
    /// <summary>A list of more values than this is no list of choices.</summary>
    public const int MostChoices = 20;

    const int LongestChoice = 50, LongestLooked = 320;

    static readonly (string Name, Regex Pattern)[] Formats = [.. ((string[])["email", "uuid", "ipv4", "uri"]).Select(name =>
        (name, new Regex(Etl.Contracts.Formats.Pattern(name), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)))];

    static readonly TimePattern[] Times = [.. ((string[])["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ss.FFFFFFK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-dd HH:mm:ss"])
        .Select(text => TimePattern.Parse(text, out string problem) ?? throw new InvalidOperationException(problem))];

    readonly long[] ofFormat = new long[Formats.Length], ofTime = new long[Times.Length];
    readonly HashSet<string> choices = [];
    long phones;

    public long Count { get; private set; }

    /// <summary>The values, if they are few and short; else null.</summary>
    public IReadOnlyCollection<string>? Choices { get; private set; }

    public TextSample() => Choices = choices;

    public void Add(string text)
    {
        Count++;
        if (Choices is not null && (text.Length > LongestChoice || choices.Add(text) && choices.Count > MostChoices))
            Choices = null;
        if (text.Length is 0 or > LongestLooked)
            return;
        for (int i = 0; i < Formats.Length; i++)
            ofFormat[i] += Formats[i].Pattern.IsMatch(text) ? 1 : 0;
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < Times.Length; i++)
            ofTime[i] += Times[i].TryRead(utf8, out _, out _) ? 1 : 0;
        phones += Phone().IsMatch(text) ? 1 : 0;
    }

    /// <summary>The format that all of them have; null: none.</summary>
    public string? Format => Count > 0 && Array.FindIndex(ofFormat, n => n == Count) is >= 0 and var i ? Formats[i].Name : null;

    /// <summary>The share of the most frequent format that tells of a person: mail address, number to call, address on the net.</summary>
    public (string Name, double Share) Personal => Count == 0 ? ("", 0) : ((string, double)[])[("mail addresses", Share("email")), ("telephone numbers", (double)phones / Count), ("IP addresses", Share("ipv4"))] is var all
        ? all.MaxBy(x => x.Item2) : default;

    double Share(string format) => (double)ofFormat[Array.FindIndex(Formats, f => f.Name == format)] / Count;

    /// <summary>Forms of times by which all of them can be read; null: there are none.</summary>
    public IReadOnlyList<TimePattern>? TimesOfAll
    {
        get
        {
            var used = Times.Where((_, i) => ofTime[i] > 0).ToArray();
            return Count > 0 && ofTime.Sum() == Count ? used : null;
        }
    }

    /// <summary>Never 0 for what was there, nor 100 where something was not.</summary>
    public static string Percent(double share) => share is > 0 and < 0.0001 ? "under 0.01 %" : share is > 0.9999 and < 1 ? "over 99.99 %" : (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    [GeneratedRegex(@"^\+[0-9][0-9 ()/.-]{6,20}$", RegexOptions.CultureInvariant)]
    private static partial Regex Phone();
}
