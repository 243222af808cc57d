using System.Globalization;

namespace Quality.Initialisation;

/// <summary>The dates of one field, in the order of the documents' <c>_id</c>.</summary>
internal sealed class DatesSeen
{
    /// <summary>What timestamptz holds, in milliseconds since 1970: from 4713 BC to the end of the year 294276.</summary>
    const long LeastHeld = -210_866_803_200_000, BeyondHeld = 9_224_318_016_000_000;

    /// <summary>What .NET can print.</summary>
    const long LeastShown = -62_135_596_800_000, GreatestShown = 253_402_300_799_999;

    long last = long.MinValue;

    public long Least { get; private set; } = long.MaxValue;

    public long Greatest { get; private set; } = long.MinValue;

    /// <summary>Dates that no timestamptz holds.</summary>
    public long OutOfRange { get; private set; }

    /// <summary>Times that a date was before the one of the document before.</summary>
    public long StepsBack { get; private set; }

    public void Add(long milliseconds)
    {
        OutOfRange += milliseconds is < LeastHeld or >= BeyondHeld ? 1 : 0;
        StepsBack += milliseconds < last ? 1 : 0;
        (last, Least, Greatest) = (milliseconds, Math.Min(Least, milliseconds), Math.Max(Greatest, milliseconds));
    }

    /// <summary>The first and last of them, in words; null: nobody could read them.</summary>
    public string? Range => Least >= LeastShown && Greatest <= GreatestShown && Least <= Greatest ? $"{Show(Least)} to {Show(Greatest)}" : null;

    static string Show(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
