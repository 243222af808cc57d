using Chaos.Generation;
using Chaos.Tests.Generation;
using Etl.Contracts;
using Etl.Documents;

namespace Chaos.Tests.Corruption;

/// <summary>What the corruptor is tried on: the generated community, and orders of a shop that has every kind of constraint.</summary>
static class Subjects
{
    static readonly Lazy<Task<MemorySink>> Generated = new(() => CommunityAsync(new CommunityOptions { Days = 12, SignUpsPerDay = 12, Seed = 3 }));

    public static readonly Contract Community = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));
    public static readonly Contract Shop = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Corruption", "shop"));

    public static IEnumerable<Dataset> Datasets => Community.Datasets.Concat(Shop.Datasets);

    public static Dataset Dataset(string name) => Datasets.Single(d => d.Name == name);

    public static async Task<MemorySink> CommunityAsync(CommunityOptions options)
    {
        var sink = new MemorySink();
        await new CommunityGenerator(sink, options).GenerateDaysAsync(TestContext.Current.CancellationToken);
        return sink;
    }

    public static async Task<IReadOnlyList<byte[]>> DocumentsAsync(Dataset dataset) => dataset.Name == "orders"
        ? [.. Enumerable.Range(1, 40).Select(Order)]
        : [.. (await Generated.Value)[dataset.SourceName]];

    /// <summary>An order that the contract accepts; every third one has only what it must have.</summary>
    public static byte[] Order(int seed)
    {
        var random = new Random(seed);
        bool full = seed % 3 != 0;
        return Bson.Make(w =>
        {
            w.Write("_id", (long)seed + 1_000_000).Write("number", $"{(char)('A' + random.Next(26))}Z-{random.Next(1000, 9999)}").WriteNull("note").Write("channel", random.Next(2) == 0 ? "web" : "phone");
            if (full)
                w.Write("mail", "ann@example.org").Write("code", "grün☃😀").Write("stars", random.Next(1, 4)).Write("quantity", random.Next(1, 1000)).Write("views", random.NextInt64())
                    .Write("weight", random.NextDouble() + 0.1).Write("total", (Decimal128)(random.Next(100) / 100m)).Write("strict", 7L).WriteDateTime("due", 0).WriteDateTime("seen", random.NextInt64(1L << 45))
                    .WriteBinary("token", [.. Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256))], 4).WriteBinary("blob", [1, 2, 3]).Write("unseen", 5).Write("undescribed", "kept")
                    .BeginDocument("extra").Write("any", 1).BeginArray("thing").Write("a").End().End().BeginDocument("shape").End()
                    .BeginArray("scores").Write("", 1).WriteNull("").Write("", 2.0).End().BeginArray("ratios").Write("", 0.5).End()
                    .BeginDocument("brand").Write("key", $"b{random.Next(5)}").Write("title", "A brand").End();
            w.Write("paid", random.Next(2) == 0).WriteDateTime("at", 1_600_000_000_000 + random.Next());
            w.BeginArray("tags").Write("red").Write("").End().BeginArray("moments").WriteDateTime("", random.Next()).End();
            w.BeginDocument("address").Write("street", "Long Road 1");
            if (full)
                w.BeginDocument("geo").Write("lat", random.NextDouble() * 180 - 90).End();
            w.End();
            w.BeginArray("lines");
            for (int line = 0; line < 3; line++)
            {
                w.BeginDocument().Write("line", random.Next(1_000_000)).Write("sku", $"sku-{line}").Write("gift", true);
                w.BeginArray("parts");
                for (int part = 0; full && part < 2; part++)
                    w.BeginDocument().Write("serial", $"s{random.Next()}").WriteDateTime("made", random.Next()).Write("amount", 1.25).BeginArray("flags").Write("", true).End().End();
                w.End().End();
            }
            w.End();
        });
    }
}
