namespace Etl.Contracts;

/// <summary>
/// One form of a date as text, such as <c>yyyy-MM-dd HH:mm:ss.ffffff</c>. Every part has exactly as many digits as letters;
/// <c>F</c> stands for up to so many digits of a fraction, <c>K</c> for <c>Z</c> or an offset like <c>+02:00</c>; other characters stand for themselves.
/// </summary>
public sealed class TimePattern
{
    /// <summary>PostgreSQL keeps microseconds.</summary>
    const int MostFractionDigits = 6;

    const string Letters = "yMdHmsfFK";

    readonly string text;
    readonly Part[] parts;

    readonly record struct Part(char Kind, int Length);

    TimePattern(string text, Part[] parts) => (this.text, this.parts) = (text, parts);

    /// <summary>Whether texts say their offset themselves.</summary>
    public bool HasOffset => text.Contains('K');

    /// <param name="problem">What is wrong with it, in one sentence.</param>
    /// <returns>Null: it is no such form.</returns>
    public static TimePattern? Parse(string text, out string problem)
    {
        var parts = new List<Part>();
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            char c = text[i];
            bool isPart = Letters.Contains(c);
            for (i++; isPart && i < text.Length && text[i] == c;)
                i++;
            parts.Add(new Part(isPart ? c : '\0', isPart ? i - start : c));
        }
        int Length(char kind) => parts.Where(p => p.Kind == kind).Sum(p => p.Length);
        problem = "";
        if (text.Any(c => c > 127))
            problem = "it holds characters beyond ASCII";
        else if (parts.Where(p => p.Kind != '\0').GroupBy(p => p.Kind).Any(g => g.Count() > 1))
            problem = "a part stands twice";
        else if (Length('y') != 4 || Length('M') != 2 || Length('d') != 2)
            problem = "it needs yyyy, MM and dd";
        else if (Length('H') is not (0 or 2) || Length('m') is not (0 or 2) || Length('s') is not (0 or 2) || Length('m') > Length('H') || Length('s') > Length('m'))
            problem = "times are HH, HH and mm, or HH, mm and ss";
        else if (Length('f') + Length('F') > MostFractionDigits || Length('f') + Length('F') > 0 && Length('s') == 0)
            problem = $"a fraction follows ss and has up to {MostFractionDigits} digits, which is what PostgreSQL keeps";
        else if (Length('K') > 1)
            problem = "an offset is one K";
        else if (text.Any(c => char.IsAsciiLetter(c) && !Letters.Contains(c) && c is not ('T' or 'Z')))
            problem = "its letters are y, M, d, H, m, s, f, F, K, T and Z";
        return problem.Length > 0 ? null : new TimePattern(text, [.. parts]);
    }

    /// <summary>Reads a text of this form.</summary>
    /// <param name="time">As it is written, without zone.</param>
    /// <param name="offsetMinutes">What it is ahead of UTC, where the form has a K.</param>
    /// <returns>False: the text has another form, or names no day or time that there is.</returns>
    public bool TryRead(ReadOnlySpan<byte> utf8, out DateTime time, out int offsetMinutes)
    {
        int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
        (time, offsetMinutes) = (default, 0);
        foreach (var part in parts)
        {
            if (part.Kind == '\0')
            {
                if (utf8.IsEmpty || utf8[0] != part.Length)
                    return false;
                utf8 = utf8[1..];
                continue;
            }
            if (part.Kind == 'K')
            {
                if (!TryOffset(ref utf8, out offsetMinutes))
                    return false;
                continue;
            }
            int length = part.Kind == 'F' ? DigitsOf(utf8, part.Length) : part.Length;
            if (!TryNumber(utf8, length, out int number))
                return false;
            utf8 = utf8[length..];
            switch (part.Kind)
            {
                case 'y': year = number; break;
                case 'M': month = number; break;
                case 'd': day = number; break;
                case 'H': hour = number; break;
                case 'm': minute = number; break;
                case 's': second = number; break;
                default:
                    for (fraction = number; length < MostFractionDigits; length++)
                        fraction *= 10;
                    break;
            }
        }
        if (!utf8.IsEmpty || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        time = new DateTime(year, month, day, hour, minute, second).AddTicks(fraction * TimeSpan.TicksPerMicrosecond);
        return true;
    }

    static int DigitsOf(ReadOnlySpan<byte> utf8, int most)
    {
        int digits = 0;
        while (digits < most && digits < utf8.Length && char.IsAsciiDigit((char)utf8[digits]))
            digits++;
        return digits;
    }

    static bool TryNumber(ReadOnlySpan<byte> utf8, int length, out int number)
    {
        number = 0;
        if (utf8.Length < length)
            return false;
        foreach (byte b in utf8[..length])
        {
            if (!char.IsAsciiDigit((char)b))
                return false;
            number = number * 10 + b - '0';
        }
        return true;
    }

    /// <summary>Z, or sign, hours, colon, minutes.</summary>
    static bool TryOffset(ref ReadOnlySpan<byte> utf8, out int minutes)
    {
        const int written = 6, mostHours = 14;
        minutes = 0;
        if (!utf8.IsEmpty && utf8[0] == 'Z')
        {
            utf8 = utf8[1..];
            return true;
        }
        if (utf8.Length < written || utf8[0] is not ((byte)'+' or (byte)'-') || utf8[3] != ':' || !TryNumber(utf8[1..], 2, out int hours) || !TryNumber(utf8[4..], 2, out int rest)
            || hours > mostHours || rest > 59)
            return false;
        minutes = (hours * 60 + rest) * (utf8[0] == '-' ? -1 : 1);
        utf8 = utf8[written..];
        return true;
    }

    public override string ToString() => text;
}
