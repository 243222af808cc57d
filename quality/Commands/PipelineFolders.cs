using Etl;
using Etl.Contracts;

namespace Quality.Commands;

/// <summary>Finds pipelines: shipped ones beside the executable, others by their folder.</summary>
internal static class PipelineFolders
{
    static string Home => Path.Combine(AppContext.BaseDirectory, "Pipelines");

    public static IReadOnlyList<string> Shipped() => Directory.Exists(Home)
        ? [.. Directory.GetDirectories(Home).Where(d => File.Exists(Path.Combine(d, ContractReader.FileName))).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)]
        : [];

    /// <exception cref="UsageException">No such pipeline, or its contract has errors: all of them, with line and column.</exception>
    public static Contract Open(string pipeline)
    {
        var shipped = Shipped();
        if (shipped.Contains(pipeline))
            return ContractReader.Read(Path.Combine(Home, pipeline));
        if (Directory.Exists(pipeline) || File.Exists(pipeline))
            return ContractReader.Read(pipeline);
        throw new UsageException($"Pipeline '{pipeline}' is neither shipped nor a folder with {ContractReader.FileName}.{Names.DidYouMean(pipeline, shipped)}");
    }

    /// <summary>A pipeline that fills its tables itself.</summary>
    /// <exception cref="UsageException">No such pipeline, its contract has errors, or somebody else fills its tables.</exception>
    public static Contract OpenOwn(string pipeline)
    {
        var contract = Open(pipeline);
        return !contract.IsExternal ? contract
            : throw new UsageException($"'{pipeline}' maps tables that somebody else fills (external: true): they are only judged. Run: quality reconcile --external {Typed(pipeline)}");
    }

    /// <summary>The argument as it was given, to be typed again in a shell.</summary>
    public static string Typed(string pipeline) => pipeline.All(c => char.IsAsciiLetterOrDigit(c) || "/\\._-:~".Contains(c)) ? pipeline : $"'{pipeline.Replace("'", @"'\''")}'";

    /// <exception cref="UsageException">A name that is no dataset of the contract.</exception>
    public static IReadOnlyList<Dataset>? Select(Contract contract, string[]? names)
    {
        if (names is null or [])
            return null;
        foreach (string name in names.Where(n => contract.Datasets.All(d => d.Name != n)))
            throw new UsageException($"Pipeline '{contract.Pipeline}' has no dataset '{name}'.{Names.DidYouMean(name, [.. contract.Datasets.Select(d => d.Name)])}");
        return [.. contract.Datasets.Where(d => names.Contains(d.Name))];
    }
}
