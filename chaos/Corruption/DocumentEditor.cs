using System.Buffers.Binary;
using System.Text;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>
/// Changes a document in one place and leaves every other byte as it was: bytes are cut out and put in,
/// and the lengths of the documents around them corrected.
/// </summary>
public static class DocumentEditor
{
    /// <summary>Puts a value where the path leads; a key that is not there is appended to its object.</summary>
    /// <exception cref="ArgumentException">The path leads nowhere.</exception>
    public static byte[] Set(ReadOnlySpan<byte> document, IReadOnlyList<PathStep> path, BsonValue value)
    {
        var place = Find(document, path);
        if (place.Found)
            return Splice(document, place.Around, place.Start, place.End,
                [(byte)value.Type, .. document[(place.Start + 1)..place.ValueStart], .. value.Bytes]);
        string name = path[^1].Name ?? throw new ArgumentException($"'{PathStep.Join(path)}' is beyond the end of its array.");
        return Splice(document, place.Around, place.End, place.End, [(byte)value.Type, .. Encoding.UTF8.GetBytes(name), 0, .. value.Bytes]);
    }

    /// <summary>Takes an element out, with its name.</summary>
    public static byte[] Remove(ReadOnlySpan<byte> document, IReadOnlyList<PathStep> path)
    {
        var place = Existing(document, path);
        return Splice(document, place.Around, place.Start, place.End, []);
    }

    /// <summary>Puts an element in a second time, right behind the first.</summary>
    public static byte[] Repeat(ReadOnlySpan<byte> document, IReadOnlyList<PathStep> path)
    {
        var place = Existing(document, path);
        return Splice(document, place.Around, place.End, place.End, document[place.Start..place.End]);
    }

    /// <param name="Around">Where the documents around the element begin, the outermost first.</param>
    /// <param name="Start">The element's type byte; where nothing was found, the end of its object.</param>
    readonly record struct Place(bool Found, List<int> Around, int Start, int ValueStart, int End);

    static Place Existing(ReadOnlySpan<byte> document, IReadOnlyList<PathStep> path) => Find(document, path) is { Found: true } place
        ? place : throw new ArgumentException($"The document has no '{PathStep.Join(path)}'.");

    static Place Find(ReadOnlySpan<byte> document, IReadOnlyList<PathStep> path)
    {
        var around = new List<int>();
        var reader = new BsonReader(document);
        for (int depth = 0; ; depth++)
        {
            around.Add(reader.Origin);
            if (!Find(ref reader, path[depth]))
            {
                if (depth < path.Count - 1)
                    throw new ArgumentException($"The document has no '{PathStep.Join(path.Take(depth + 1))}'.");
                int closing = around[^1] + BinaryPrimitives.ReadInt32LittleEndian(document[around[^1]..]) - 1;
                return new Place(false, around, closing, closing, closing);
            }
            if (depth == path.Count - 1)
            {
                int value = reader.Origin + reader.ValueOffset;
                return new Place(true, around, value - reader.NameUtf8.Length - 2, value, value + reader.Value.Length);
            }
            reader = reader.Nested();
        }
    }

    static bool Find(ref BsonReader reader, PathStep step)
    {
        if (step.Name is { } name)
            return Bson.Find(ref reader, Encoding.UTF8.GetBytes(name));
        for (int i = 0; i <= step.Index; i++)
            if (!reader.Read())
                return false;
        return true;
    }

    static byte[] Splice(ReadOnlySpan<byte> document, List<int> around, int start, int end, ReadOnlySpan<byte> inserted)
    {
        byte[] result = [.. document[..start], .. inserted, .. document[end..]];
        foreach (int at in around)
            BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at), BinaryPrimitives.ReadInt32LittleEndian(document[at..]) + result.Length - document.Length);
        return result;
    }
}
