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
        {
            var contract = ContractReader.Read(Path.Combine(Home, pipeline));
            contract.OpenedAs = pipeline;
            return contract;
        }
        if (Directory.Exists(pipeline) || File.Exists(pipeline))
            return ContractReader.Read(pipeline);
        throw new UsageException($"Pipeline '{pipeline}' is neither shipped nor a folder with {ContractReader.FileName}.{Names.DidYouMean(pipeline, shipped)}");
    }

    /// <summary>The argument by which a suggested command finds the pipeline again: what was given, for a shell.</summary>
    public static string Argument(Contract contract) => contract.OpenedAs.All(c => char.IsLetterOrDigit(c) || "/._-+:@%,~".Contains(c))
        ? contract.OpenedAs : $"'{contract.OpenedAs.Replace("'", @"'\''")}'";

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
