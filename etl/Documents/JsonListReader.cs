using System.Text;

namespace Etl.Documents;

/// <summary>
/// Finds the elements of a JSON list in a stream of any length, one after the other; holds one element at a time. An element is handed
/// out as it stands: whether it is valid JSON is for its reader to say, and a broken one does not hide those behind it.
/// </summary>
/// <param name="read">Reads the next bytes of a stream, as <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/> does.</param>
/// <example><code>
/// var list = new JsonListReader(body.ReadAsync);
/// while (await list.ReadAsync(cancellation))
///     Convert(list.Element.Span);
/// </code></example>
public sealed class JsonListReader(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, JsonListOptions? options = null)
{
    enum State { Start, Members, First, Behind, Over }

    /// <summary>How much is kept of an element that is too large.</summary>
    public const int KeptBytes = 64 * 1024;

    readonly JsonListOptions options = options ?? JsonListOptions.Default;
    readonly JsonExtent extent = new();
    byte[] buffer = new byte[(options ?? JsonListOptions.Default).BufferBytes];
    int at, end;
    long offset; // of buffer[0], in the stream
    State state;
    bool found;

    /// <summary>The element at hand; valid until the next call. Of one that is too large: its beginning.</summary>
    public ReadOnlyMemory<byte> Element { get; private set; }

    /// <summary>Why the element at hand is not whole; null where it is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Bytes from the start of the stream to the element.</summary>
    public long Offset { get; private set; }

    /// <summary>The member that was to be kept, as JSON; known when the list has ended.</summary>
    public byte[]? Kept { get; private set; }

    /// <summary>Moves to the next element; false at the end, when nothing follows the list.</summary>
    /// <exception cref="JsonListException">The stream holds no such list, or ends in its midst.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation = default)
    {
        if (state == State.Over || state is State.Start or State.Members && !await SeekListAsync(cancellation))
            return false;
        int next = await PeekAsync(cancellation);
        if (state == State.Behind && next == ',')
        {
            at++;
            next = await PeekAsync(cancellation);
            if (next == ']')
                throw Broken("a comma without an element behind it");
        }
        else if (next == ']')
        {
            at++;
            state = options.Member is null ? State.Over : State.Members;
            return state == State.Members ? await ReadAsync(cancellation) : await EndAsync(cancellation);
        }
        else if (state == State.Behind)
            throw Broken("no comma between two elements");
        state = State.Behind;
        await ValueAsync(cancellation);
        return true;
    }

    async ValueTask<bool> EndAsync(CancellationToken cancellation)
    {
        state = State.Over;
        return await PeekAsync(cancellation, mayEnd: true) < 0 ? false : throw Broken("something after the list");
    }

    /// <summary>Moves into the list, or behind the object that holds it.</summary>
    async ValueTask<bool> SeekListAsync(CancellationToken cancellation)
    {
        if (state == State.Start)
        {
            byte opening = options.Member is null ? (byte)'[' : (byte)'{';
            if (await PeekAsync(cancellation) != opening)
                throw Broken(options.Member is null ? "something that is not a list" : $"something that is not an object with '{options.Member}'");
            at++;
            (state, bool inList) = options.Member is null ? (State.First, true) : (State.Members, false);
            if (inList)
                return true;
        }
        while (true)
        {
            int next = await PeekAsync(cancellation);
            if (next is ',' or '}')
            {
                at++;
                if (next == ',')
                    continue;
                return found ? await EndAsync(cancellation) : throw Broken($"an object without the list '{options.Member}'");
            }
            if (next != '"')
                throw Broken("something that is not a member");
            await ValueAsync(cancellation);
            string name = Encoding.UTF8.GetString(Element.Span[1..^1]);
            if (await PeekAsync(cancellation) != ':')
                throw Broken("a member without a value");
            at++;
            next = await PeekAsync(cancellation);
            if (name == options.Member && next == '[')
            {
                at++;
                (state, found) = (State.First, true);
                return true;
            }
            await ValueAsync(cancellation);
            if (name == options.Kept)
                Kept = Element.ToArray();
            found |= name == options.Member && Element.Span.SequenceEqual("null"u8); // some write an empty list so
        }
    }

    /// <summary>The next byte that is no white space; −1 at the end of the stream.</summary>
    async ValueTask<int> PeekAsync(CancellationToken cancellation, bool mayEnd = false)
    {
        while (true)
        {
            for (; at < end; at++)
                if (buffer[at] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') && !(offset + at < 3 && buffer[at] is 0xEF or 0xBB or 0xBF)) // a byte order mark
                    return buffer[at];
            if (!await FillAsync(cancellation))
                return mayEnd ? -1 : throw new JsonListException("it ends too early", offset + at, isCut: true);
        }
    }

    /// <summary>Takes the value at hand, whatever it is.</summary>
    async ValueTask ValueAsync(CancellationToken cancellation)
    {
        Offset = offset + at;
        Problem = null;
        extent.Begin();
        byte[]? kept = null;
        while (!extent.Find(buffer.AsSpan(at, end - at)))
        {
            if (extent.Length >= options.MaxElementBytes)
            {
                kept ??= buffer[at..(at + Math.Min(extent.Length, KeptBytes))];
                at += extent.Forget();
            }
            if (!await FillAsync(cancellation))
                throw new JsonListException("an element without its end", Offset, isCut: true);
        }
        Element = buffer.AsMemory(at, extent.Length);
        at += extent.Length;
        if (Element.Length == 0 && kept is null)
            throw Broken("no value where one must stand");
        if (kept is null && Element.Length <= options.MaxElementBytes)
            return;
        Problem = $"{offset + at - Offset:N0} bytes, more than {options.MaxElementBytes:N0}; the first {KeptBytes:N0} are kept at most";
        Element = kept ?? Element[..Math.Min(Element.Length, KeptBytes)];
    }

    async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (end == buffer.Length)
        {
            if (at == 0)
                Array.Resize(ref buffer, buffer.Length * 2);
            else
            {
                buffer.AsSpan(at, end - at).CopyTo(buffer);
                (offset, end, at) = (offset + at, end - at, 0);
            }
        }
        int count = await read(buffer.AsMemory(end), cancellation);
        end += count;
        return count > 0;
    }

    JsonListException Broken(string problem)
    {
        state = State.Over;
        return new JsonListException(problem, offset + at);
    }
}
