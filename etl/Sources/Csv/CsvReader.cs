using System.Numerics;

namespace Etl.Sources.Csv;

/// <summary>
/// Divides a file into records and values by RFC 4180, as bytes: nothing is decoded and nothing allocated for a record. What is wrong with a record is told with its
/// bytes, and the next one goes on behind it.
/// </summary>
/// <remarks>
/// Lines end with LF or CRLF. An empty line is skipped where records have more than one value. A quote that is never closed would take the rest of the file with it: then
/// its line alone is wrong, and reading goes on with the next.
/// </remarks>
/// <param name="file">Can be gone back in.</param>
internal sealed class CsvReader(Stream file, byte delimiter, int largest, int kept)
{
    const byte Quote = (byte)'"', Newline = (byte)'\n', Return = (byte)'\r';

    /// <summary>After so many quotes that are never closed, it is the file that is wrong; looking for the end of each costs a reading of all that follows.</summary>
    const int MostUnclosed = 100;

    /// <summary>What is kept of a header; no table has as many columns.</summary>
    public const int MostColumns = 10_000;

    readonly struct Place(int start, int length, bool quoted, bool doubled)
    {
        public readonly int Start = start, Length = length;
        public readonly bool Quoted = quoted, Doubled = doubled;
    }

    const int UsualBuffer = 256 * 1024;

    byte[] buffer = new byte[(int)Math.Min(UsualBuffer, 2 * BitOperations.RoundUpToPowerOf2((uint)largest))];
    Place[] places = new Place[16];
    byte[]? apart; // the bytes of a record whose buffer was left
    int origin, end, length, next; // of the record in the buffer; of its bytes; of the one behind it
    long line = 1, discarded, firstNewline, fileOffset;
    int unclosed;
    bool atEnd;

    /// <summary>Values that the records should have; further ones are counted, not kept. 0: as many as there are.</summary>
    public int Expected { get; set; }

    /// <summary>The line on which the record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>How many values the record has.</summary>
    public int Count { get; private set; }

    /// <summary>Why the record cannot be divided; null: it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>The record as it stands in the file, without its line's end; of one that is too large, the beginning.</summary>
    public ReadOnlySpan<byte> Bytes => apart ?? buffer.AsSpan(origin, length);

    /// <summary>A value without its quotes; quotes inside it still stand twice where <see cref="IsDoubled"/>.</summary>
    public ReadOnlySpan<byte> this[int index] => buffer.AsSpan(origin + places[index].Start, places[index].Length);

    public bool IsQuoted(int index) => places[index].Quoted;

    public bool IsDoubled(int index) => places[index].Doubled;

    /// <summary>Goes to where the first record begins; called before anything is read.</summary>
    public void Begin(long offset) => fileOffset = file.Position = offset;

    /// <returns>False at the end of the file.</returns>
    public bool Read()
    {
        (origin, next, Count, discarded, firstNewline, Problem, apart) = (origin + next, 0, 0, 0, -1, null, null);
        if (!SkipEmptyLines())
            return false;
        Line = line;
        int at = 0;
        while (Field(ref at))
        {
        }
        if (length + discarded > largest && apart is null)
        {
            Problem = $"A record of {length + discarded:N0} bytes, from line {Line:N0} to {line:N0}; {largest:N0} are the most. Its first {kept:N0} are kept.";
            length = Math.Min(length, kept);
        }
        return true;
    }

    bool SkipEmptyLines()
    {
        while (true)
        {
            int at = 0;
            if (!Has(ref at))
                return false;
            int skip = buffer[origin] == Newline ? 1 : buffer[origin] == Return && Peek(ref at) == Newline ? 2 : 0;
            if (skip == 0 || Expected == 1)
                return true;
            origin += skip;
            line++;
        }
    }

    /// <returns>Whether another value follows.</returns>
    bool Field(ref int at) => Has(ref at) && buffer[origin + at] == Quote ? Quoted(ref at) : Plain(ref at, at);

    bool Plain(ref int at, int from)
    {
        while (true)
        {
            int found = buffer.AsSpan(origin + at, end - origin - at).IndexOfAny(delimiter, Newline, Quote);
            if (found < 0)
            {
                at = end - origin;
                if (Has(ref at))
                    continue;
                Add(from, at - from, false, false);
                return End(at, at);
            }
            at += found;
            byte stop = buffer[origin + at];
            if (stop == Quote)
            {
                Problem ??= $"Line {line:N0} has a quote inside a value that does not begin with one.";
                at++;
                continue;
            }
            bool returned = stop == Newline && at > 0 && buffer[origin + at - 1] == Return;
            Add(from, at - from - (returned && at > from ? 1 : 0), false, false);
            if (stop == delimiter)
            {
                at++;
                return true;
            }
            line++;
            return End(returned ? at - 1 : at, at + 1);
        }
    }

    bool Quoted(ref int at)
    {
        int from = ++at;
        bool doubled = false;
        while (true)
        {
            var rest = buffer.AsSpan(origin + at, end - origin - at);
            int found = rest.IndexOf(Quote);
            CountLines(found < 0 ? rest : rest[..found], at);
            at += found < 0 ? rest.Length : found;
            if (found < 0)
            {
                if (!Has(ref at))
                    return Unclosed(at);
            }
            else if (Peek(ref at) == Quote)
            {
                doubled = true;
                at += 2;
            }
            else
                break;
        }
        Add(from, at - from, true, doubled);
        at++;
        if (!Has(ref at))
            return End(at, at);
        byte stop = buffer[origin + at];
        if (stop == delimiter)
        {
            at++;
            return true;
        }
        bool returned = stop == Return && Peek(ref at) == Newline;
        if (stop == Newline || returned)
        {
            line++;
            return End(at, at + (returned ? 2 : 1));
        }
        Problem ??= $"Line {line:N0} has something between a closing quote and the next delimiter.";
        Count--;
        return Plain(ref at, at);
    }

    void Add(int from, int count, bool quoted, bool doubled)
    {
        if (discarded == 0 && (Count < (Expected == 0 ? MostColumns : Expected)))
        {
            if (Count == places.Length)
                Array.Resize(ref places, places.Length * 2);
            places[Count] = new Place(from, count, quoted, doubled);
        }
        Count++;
    }

    bool End(int bytes, int behind)
    {
        (length, next) = (bytes, behind);
        return false;
    }

    void CountLines(ReadOnlySpan<byte> text, int at)
    {
        int lines = text.Count(Newline);
        if (lines > 0 && firstNewline < 0)
            firstNewline = at + discarded + text.IndexOf(Newline);
        line += lines;
    }

    /// <summary>The file ended inside quotes. Where that took lines along, they are read again, without the first.</summary>
    bool Unclosed(int at)
    {
        if (++unclosed > MostUnclosed)
            throw new UnavailableException($"The CSV file has more than {MostUnclosed} quotes that are never closed, the last in line {Line:N0}: it is written in another way than RFC 4180's. Look at it, and at the delimiter.");
        if (firstNewline < 0)
        {
            Problem = $"Line {Line:N0} has a quote that is never closed.";
            return End(at, at);
        }
        long begin = fileOffset - (end - origin) - discarded;
        apart = discarded == 0 || firstNewline < kept ? buffer.AsSpan(origin, (int)firstNewline).TrimEnd(Return).ToArray() : buffer.AsSpan(origin, kept).ToArray();
        Problem = $"Line {Line:N0} has a quote that is never closed. The lines behind it are read as if it had been closed there.";
        fileOffset = file.Position = begin + firstNewline + 1;
        (origin, end, discarded, atEnd, line) = (0, 0, 0, false, Line + 1);
        return End(0, 0);
    }

    /// <summary>The byte behind the one at hand; 0 at the end of the file.</summary>
    byte Peek(ref int at)
    {
        at++;
        bool has = Has(ref at);
        at--;
        return has ? buffer[origin + at + 1] : (byte)0;
    }

    /// <summary>Whether there is a byte at a place of the record. What is read for it may move the record, and drop most of one that is too large.</summary>
    bool Has(ref int at)
    {
        while (origin + at >= end)
        {
            if (atEnd)
                return false;
            if (at > largest)
                Discard(ref at);
            if (origin > 0)
            {
                buffer.AsSpan(origin, end - origin).CopyTo(buffer);
                (origin, end) = (0, end - origin);
            }
            if (end == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min((uint)buffer.Length * 2, BitOperations.RoundUpToPowerOf2((uint)largest) + UsualBuffer));
            int read = file.Read(buffer, end, buffer.Length - end);
            atEnd = read == 0;
            end += read;
            fileOffset += read;
        }
        return true;
    }

    /// <summary>Keeps the beginning of a record, and its last byte, which may have to be looked at again.</summary>
    void Discard(ref int at)
    {
        int keep = Math.Min(kept, at - 1);
        discarded += at - 1 - keep;
        buffer.AsSpan(origin + at - 1, end - origin - at + 1).CopyTo(buffer.AsSpan(origin + keep));
        end -= at - 1 - keep;
        at = keep + 1;
    }
}
