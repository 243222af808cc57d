using System.Globalization;
using Etl;

namespace Benchmarks.EndToEnd;

/// <summary>How much is measured.</summary>
sealed record BenchOptions
{
    public const string Usage = """
        dotnet run -c Release --project tests/Benchmarks -- end-to-end [--quick] [--documents N] [--rounds N] [--only PART]… [--out FILE]
          --quick        a tenth of everything and one round: to look while developing; its figures are no proof
          --documents N  flat documents to load (default 1,000,000; to reconcile: 5,000,000)
          --rounds N     how often each ratio is measured; the median counts (default 3)
          --only PART    flat, community, peer, reconcile, memory or growth; may be repeated (default: all)
          --out FILE     default artifacts/bench/bench.json
        dotnet run -c Release --project tests/Benchmarks -- sources [the same]
          --documents N  events of each source (default: files 100,000, queue 200,000, others 1,000,000)
          --only PART    files, queue, csv or http
          --out FILE     default artifacts/bench/sources.json
        """;

    public static readonly string[] Parts = ["flat", "community", "peer", "reconcile", "memory", "growth"];

    /// <summary>Those of the suite `sources`.</summary>
    public static readonly string[] SourceParts = ["files", "queue", "csv", "http"];

    public bool Quick { get; init; }

    /// <value>Flat documents in the main comparison. Default: 1,000,000.</value>
    public int Documents { get; init; } = 1_000_000;

    /// <value>Events of a source, where not each has a number of its own.</value>
    public int? Events { get; init; }

    /// <summary>How many events of a source, a tenth of them where it is only looked at.</summary>
    public int EventsOr(int usual) => Events ?? (Quick ? usual / 10 : usual);

    /// <value>Documents that the hand-written way loads; rates are compared. Default: 200,000.</value>
    public int PeerDocuments { get; init; } = 200_000;

    /// <value>Sizes at which memory is looked at. Default: 100,000 and 2,000,000 documents.</value>
    public IReadOnlyList<int> MemoryDocuments { get; init; } = [100_000, 2_000_000];

    /// <value>Users that sign up on each of the community's 30 days. Default: 1,400, which makes about a million rows.</value>
    public int SignUpsPerDay { get; init; } = 1_400;

    /// <value>Default: 3.</value>
    public int Rounds { get; init; } = 3;

    public IReadOnlyList<string> Only { get; init; } = Parts;

    public string Out { get; init; } = In("bench.json");

    static string In(string file) => Path.Combine("artifacts", "bench", file);

    /// <param name="parts">Of the suite that is asked for.</param>
    /// <exception cref="UsageException">An option that is not known, or a value out of its range.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments, IReadOnlyList<string> parts)
    {
        var options = arguments.Contains("--quick")
            ? new BenchOptions { Quick = true, Documents = 100_000, PeerDocuments = 20_000, MemoryDocuments = [20_000, 200_000], SignUpsPerDay = 140, Rounds = 1 }
            : new BenchOptions();
        if (parts == SourceParts)
            options = options with { Out = In("sources.json") };
        var only = new List<string>();
        int at = 0;
        for (; at < arguments.Count; at++)
            switch (arguments[at])
            {
                case "--quick": break;
                case "--documents": options = options with { Documents = Number(8_000, 10_000_000), Events = int.Parse(arguments[at], CultureInfo.InvariantCulture) }; break;
                case "--rounds": options = options with { Rounds = Number(1, 100) }; break;
                case "--only": only.Add(parts.Contains(Next()) ? arguments[at] : throw Wrong($"--only takes {string.Join(", ", parts)}, not '{arguments[at]}'.")); break;
                case "--out": options = options with { Out = Next() }; break;
                default: throw Wrong($"'{arguments[at]}' is not known.");
            }
        return options with { Only = only.Count == 0 ? parts : only };

        string Next() => ++at < arguments.Count ? arguments[at] : throw Wrong($"{arguments[at - 1]} wants a value.");

        int Number(int least, int most) => int.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= least && n <= most
            ? n : throw Wrong($"{arguments[at - 1]} takes a number from {least} to {most}, not '{arguments[at]}'.");
    }

    static UsageException Wrong(string what) => new($"{what}\n{Usage}");
}
