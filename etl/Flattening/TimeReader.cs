using Etl.Contracts;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>Reads timestamps that are written as numbers or texts, to the microsecond.</summary>
public static class TimeReader
{
    const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>PostgreSQL's timestamps count from here.</summary>
    static readonly DateTime Epoch = new(2000, 1, 1);

    const long EpochSeconds = 946_684_800;

    /// <param name="microseconds">Since 2000-01-01T00:00:00Z, as PostgreSQL counts.</param>
    public static Fit TryRead(TimeForm form, BsonType type, ReadOnlySpan<byte> value, out long microseconds)
    {
        microseconds = 0;
        if (form.UnitsPerSecond > 0)
        {
            var fit = ValueEncoder.WholeNumber(type, value, out long number);
            if (fit != Fit.Fits)
                return fit;
            long each = MicrosecondsPerSecond / form.UnitsPerSecond, from = EpochSeconds * form.UnitsPerSecond;
            if (number < ValueEncoder.FirstMicrosecond / each + from || number - from >= ValueEncoder.EndMicrosecond / each)
                return Fit.OutOfRange;
            microseconds = (number - from) * each;
            return Fit.Fits;
        }
        if (type != BsonType.String)
            return Fit.WrongType;
        foreach (var pattern in form.Patterns)
            if (pattern.TryRead(value[4..^1], out var time, out int offset))
            {
                if (!pattern.HasOffset && form.Zone.IsInvalidTime(time)) // the hour that a clock skips in spring
                    return Fit.NoTime;
                long ahead = pattern.HasOffset ? offset * TimeSpan.TicksPerMinute : form.Zone.GetUtcOffset(time).Ticks;
                microseconds = (time - Epoch).Ticks / TimeSpan.TicksPerMicrosecond - ahead / TimeSpan.TicksPerMicrosecond;
                return Fit.Fits;
            }
        return Fit.NoTime;
    }
}
