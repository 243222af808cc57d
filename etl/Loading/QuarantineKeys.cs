using System.Security.Cryptography;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Etl.Validation;
using Npgsql;

namespace Etl.Loading;

/// <summary>How quarantine names documents: by their key as text; where that is personal, by a mark that only this warehouse can make.</summary>
public sealed class QuarantineKeys
{
    const int SecretBytes = 32;

    readonly Dataset dataset;
    readonly PersonalMask? mask;

    QuarantineKeys(Dataset dataset, PersonalMask? mask) => (this.dataset, this.mask) = (dataset, mask);

    /// <summary>Reads the warehouse's secret, and makes it where there is none yet.</summary>
    public static async Task<QuarantineKeys> OpenAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation)
    {
        if (!dataset.Key.Any(f => f.IsPersonal))
            return new QuarantineKeys(dataset, null);
        await connection.RunAsync("INSERT INTO quality.secrets VALUES ('mask', $1) ON CONFLICT DO NOTHING", cancellation, RandomNumberGenerator.GetBytes(SecretBytes));
        return new QuarantineKeys(dataset, new PersonalMask(await connection.ScalarAsync<byte[]>("SELECT value FROM quality.secrets WHERE name = 'mask'", cancellation)));
    }

    /// <param name="position">A BSON document, as a source gives it.</param>
    public string Of(ReadOnlySpan<byte> position) => mask is null ? PositionText.Of(position) : mask.KeyOf(dataset, position);

    /// <summary>Bytes that no position leads to are known by their content.</summary>
    public string Of(Refused item) => item.Position.Length > BsonReader.SmallestDocument ? Of(item.Position) : $"bytes {Hash128.Of(item.Bytes.Span).ToGuid():n}";
}
