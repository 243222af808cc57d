using Etl.Documents;

namespace Chaos.Tests.Corruption;

/// <summary>Whether two documents are the same, byte for byte and in order, apart from what stands at one path. Knows nothing of the editor.</summary>
static class Untouched
{
    public static bool Except(byte[] before, byte[] after, string path)
    {
        var (left, right) = (new List<string>(), new List<string>());
        Flatten(before, "", path, left);
        Flatten(after, "", path, right);
        return left.SequenceEqual(right);
    }

    static void Flatten(ReadOnlySpan<byte> document, string prefix, string except, List<string> leaves, bool isArray = false)
    {
        for (var reader = new BsonReader(document); reader.Read();)
        {
            string path = isArray ? $"{prefix}[{reader.Name}]" : prefix.Length == 0 ? reader.Name : $"{prefix}.{reader.Name}";
            if (path == except)
                continue;
            bool leadsThere = except.StartsWith(path + ".", StringComparison.Ordinal) || except.StartsWith(path + "[", StringComparison.Ordinal);
            leaves.Add($"{path} {reader.Type} {(leadsThere ? "…" : Convert.ToHexString(reader.Value))}");
            if (leadsThere)
                Flatten(reader.Value, path, except, leaves, reader.Type == BsonType.Array);
        }
    }
}
