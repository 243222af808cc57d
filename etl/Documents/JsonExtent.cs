using System.Buffers;

namespace Etl.Documents;

/// <summary>Where a JSON value ends, found piece by piece as its bytes arrive: brackets are counted, those inside of texts are not.</summary>
sealed class JsonExtent
{
    static readonly SearchValues<byte> InText = SearchValues.Create("\"\\"u8);
    static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    static readonly SearchValues<byte> BehindScalar = SearchValues.Create(" \t\r\n,]}"u8);

    int depth;
    bool inText, begun, isScalar;

    /// <summary>Bytes of the value that were looked at; once found, its length.</summary>
    public int Length { get; private set; }

    public void Begin()
    {
        (depth, Length) = (0, 0);
        inText = begun = isScalar = false;
    }

    /// <summary>What was looked at is taken away from the front.</summary>
    /// <returns>How many bytes that are.</returns>
    public int Forget()
    {
        int length = Length;
        Length = 0;
        return length;
    }

    /// <param name="value">From the value's first byte, or the first that was not forgotten, to the last that has arrived.</param>
    /// <returns>Whether its end is among them.</returns>
    public bool Find(ReadOnlySpan<byte> value)
    {
        if (!begun && value.Length > 0)
        {
            begun = true;
            isScalar = value[0] is not ((byte)'{' or (byte)'[' or (byte)'"');
        }
        int at = Length;
        while (at < value.Length)
        {
            int step = value[at..].IndexOfAny(isScalar ? BehindScalar : inText ? InText : Structure);
            if (step < 0)
            {
                Length = value.Length;
                return false;
            }
            at += step;
            if (isScalar)
            {
                Length = at;
                return true;
            }
            if (value[at] == '\\')
            {
                if (at + 1 == value.Length) // what it escapes is not here yet
                    break;
                at += 2;
                continue;
            }
            switch (value[at++])
            {
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }
            if (depth <= 0 && !inText)
            {
                Length = at;
                return true;
            }
        }
        Length = at;
        return false;
    }
}
