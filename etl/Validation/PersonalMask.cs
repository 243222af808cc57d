using System.Security.Cryptography;
using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>
/// Shows what is personal as a mark that is the same for the same value: entries about one person can be told from those about another,
/// and nobody learns who it is. The key keeps others from trying names until the mark is the same: it belongs where the personal
/// values themselves are, never into a report.
/// </summary>
/// <param name="key">At least 16 bytes, kept with the warehouse: another key gives other marks.</param>
public sealed class PersonalMask(byte[] key)
{
    const int SmallestKey = 16, ShownBytes = 8, MaxLength = 500, Kept = 200;

    readonly byte[] key = key.Length >= SmallestKey ? [.. key] : throw new ArgumentException($"A mask's key has at least {SmallestKey} bytes, not {key.Length}.", nameof(key));

    /// <summary>A mark of 20 characters: <c>*** 3f2a6c01b7d9e845</c>.</summary>
    public string Of(ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, value, hash);
        return $"*** {Convert.ToHexStringLower(hash[..ShownBytes])}";
    }

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public string Of(string value) => Of(Encoding.UTF8.GetBytes(value));

    /// <summary>A document's key or position as text: canonical Extended JSON of its first value where that may be shown, a mark where the key is personal.</summary>
    /// <param name="position">A BSON document, as a source gives it; its first value is what identifies the document.</param>
    /// <returns>At most 218 characters: long keys are cut, and told apart by a mark of the whole.</returns>
    public string KeyOf(Dataset dataset, ReadOnlySpan<byte> position)
    {
        var reader = new BsonReader(position);
        if (!reader.Read())
            return "";
        if (dataset.Key.Any(f => f.IsPersonal))
            return Of([(byte)reader.Type, .. reader.Value]);
        string text = ExtendedJson.ValueToString(reader.Type, reader.Value, relaxed: false);
        return text.Length <= MaxLength ? text : $"{ShownText.Clip(text, Kept)} {Of(position)[4..]}";
    }
}
