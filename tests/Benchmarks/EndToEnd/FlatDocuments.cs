using System.Buffers.Binary;
using Chaos.Generation;
using Etl.Documents;
using Etl.Sources.Mongo;

namespace Benchmarks.EndToEnd;

/// <summary>Documents of 12 fields and about 300 bytes, each a function of its number; written over the wire.</summary>
static class FlatDocuments
{
    public const string Collection = "accounts";

    const int Seed = 20_261_122, AtOnce = 1_000;
    const uint FirstSecond = 1_590_969_600; // 2020-06-01
    const int PerSecond = 20; // ids of one moment differ by their counter, as a driver makes them

    static readonly string[] Countries = ["NL", "GB", "DE", "FR", "ES", "PL"], States = ["active", "invited", "blocked", "closed"];
    static readonly string[] Words = ["amber", "birch", "coral", "delta", "ember", "fjord", "grove", "haven", "indigo", "jade", "kelp", "lunar", "maple", "north", "ocean", "pearl"];

    /// <returns>Bytes of a document, on average.</returns>
    public static async Task<double> FillAsync(string uri, string database, int documents, CancellationToken cancellation)
    {
        using var connection = MongoConnection.Open(uri);
        var sink = new MongoDocumentSink(connection, database);
        long bytes = 0;
        for (int next = 0; next < documents; next += AtOnce)
        {
            byte[][] chunk = [.. Enumerable.Range(next, Math.Min(AtOnce, documents - next)).Select(Make)];
            bytes += chunk.Sum(d => (long)d.Length);
            await sink.InsertAsync(Collection, chunk, cancellation);
        }
        return (double)bytes / documents;
    }

    /// <summary>Changes two fields of every tenth document, evenly spread.</summary>
    /// <param name="round">Other rounds change other documents, to other values.</param>
    /// <returns>How many were changed.</returns>
    public static async Task<int> ChangeTenthAsync(string uri, string database, int documents, int round, CancellationToken cancellation)
    {
        using var connection = MongoConnection.Open(uri);
        var sink = new MongoDocumentSink(connection, database);
        int[] chosen = [.. Enumerable.Range(0, documents / 10).Select(i => i * 10 + round % 10)];
        foreach (int[] chunk in chosen.Chunk(AtOnce))
            await sink.UpdateAsync(Collection, [.. chunk.Select(n => new DocumentUpdate(Id(n),
                Bson.Make(w => w.BeginDocument("$set").Write("visits", 1_000_000 + round).Write("remark", $"changed in round {round}: {Remark(new Random(n))}").End())))], cancellation);
        return chosen.Length;
    }

    static byte[] Make(int number)
    {
        var random = new Random(Seed ^ number);
        string first = Words[random.Next(Words.Length)], last = Words[random.Next(Words.Length)];
        return Bson.Make(w => w
            .WriteObjectId("_id", Id(number))
            .Write("email", $"{first}.{last}{number}@example.org")
            .Write("name", $"{char.ToUpperInvariant(first[0])}{first[1..]} {char.ToUpperInvariant(last[0])}{last[1..]}")
            .Write("country", Countries[random.Next(Countries.Length)])
            .Write("status", States[random.Next(States.Length)])
            .Write("visits", random.Next(100_000))
            .Write("points", random.NextInt64(1L << 40))
            .Write("score", random.NextDouble())
            .Write("balance", new Decimal128(random.Next(2) == 0, (UInt128)random.NextInt64(100_000_000), -2))
            .WriteDateTime("createdAt", (FirstSecond + number / PerSecond) * 1000L + random.Next(1000))
            .Write("subscribed", random.Next(2) == 0)
            .Write("remark", Remark(random)));
    }

    static string Remark(Random random) => string.Join(' ', Enumerable.Range(0, 9).Select(_ => Words[random.Next(Words.Length)]));

    static byte[] Id(int number)
    {
        byte[] id = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(id, FirstSecond + (uint)(number / PerSecond));
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(4), 0x5151515151000000ul | (uint)number);
        return id;
    }
}
