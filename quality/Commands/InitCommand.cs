using System.CommandLine;
using Etl;
using Etl.Contracts;
using Etl.Sources.Mongo;
using Quality.Commands.Progress;
using Quality.External;
using Quality.Initialisation;

namespace Quality.Commands;

/// <summary><c>quality init --collection db.name</c>: reads collections, and writes a first contract of them.</summary>
internal static class InitCommand
{
    const int MostSampled = 1_000_000;

    public static Command Create()
    {
        var collection = new Option<string[]>("--collection") { Description = "Collection to describe, as database.name (or its name alone, where the URI names the database); may be repeated", HelpName = "C", Required = true };
        var output = new Option<string?>("--out") { Description = "Folder to write contract.yaml into. Default: the pipeline's name", HelpName = "FOLDER" };
        var name = new Option<string?>("--name") { Description = "Name of the pipeline, and of its schema in the warehouse. Default: the database's", HelpName = "PIPELINE" };
        var sample = new Option<int>("--sample") { Description = $"Documents of each collection whose texts are looked at, besides all that have something rare; types and presence are taken from every document. 1 to {MostSampled}", HelpName = "N", DefaultValueFactory = _ => DocumentSample.DefaultSize };
        var force = new Option<bool>("--force") { Description = "Replace a contract.yaml that is there" };
        var table = new Option<string[]>("--table") { Description = "Write a mapping for reconcile --external instead: the table of --warehouse, as schema.table, that somebody else fills from the collection; one for each --collection, in their order", HelpName = "T" };
        var command = new Command("init", "Read collections of a MongoDB and write a first contract of them, commented with what their documents showed. Exit code 0: written; 2: a server, collection or table is missing, or a collection is empty")
        {
            collection, table, output, name, sample, force,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            int size = parsed.GetValue(sample);
            if (size is < 1 or > MostSampled)
                throw new UsageException($"--sample must be from 1 to {MostSampled}, not {size}.");
            string[] tables = parsed.GetValue(table) ?? [];
            await using var servers = await Servers.OpenAsync(Options.Mongo(parsed), tables.Length > 0 ? Options.Warehouse(parsed) : null, cancellation);
            var (database, collections) = CollectionNames.Of(parsed.GetRequiredValue(collection), DatabaseOf(servers.MongoUri));
            string pipeline = parsed.GetValue(name) ?? database, folder = parsed.GetValue(output) ?? pipeline;
            if (string.IsNullOrWhiteSpace(pipeline) || string.IsNullOrWhiteSpace(folder))
                throw new UsageException("--name and --out cannot be empty.");
            if (tables.Length > 0 && tables.Length != collections.Count)
                throw new UsageException($"--table is given {tables.Length} times, --collection {collections.Count} times. Name the table of each collection, in the same order.");
            var file = new ContractFile(folder, parsed.GetValue(force));
            var reader = new CollectionReader(servers.MongoUri, database, collections, size, Options.Seed(parsed) ?? 1);
            IReadOnlyList<DescribedDataset> datasets;
            try
            {
                datasets = await ProgressDisplay.RunAsync(TimeProvider.System, progress => reader.ReadAsync(progress, cancellation));
                if (tables.Length > 0)
                    datasets = await TableMatching.MatchAsync(servers.Warehouse, datasets, tables, cancellation);
            }
            catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
            {
                throw new InterruptedException("Interrupted. No contract was written; run the command again.", e);
            }
            catch (UnavailableException e) when (Options.Json(parsed))
            {
                JsonOutput.Write(new { pipeline, file = (string?)null, reason = e.Message, datasets = Array.Empty<object>() });
                throw;
            }
            var contract = file.Write(ContractWriter.Write(pipeline, database, reader.Source, datasets));
            if (Options.Json(parsed))
                JsonOutput.Write(ToJson(contract, file, datasets));
            else
                Print(contract, file, datasets);
            return ExitCodes.Done;
        });
        return command;
    }

    static string? DatabaseOf(string uri)
    {
        using var connection = MongoConnection.Open(uri);
        return connection.Database;
    }

    static object ToJson(Contract contract, ContractFile file, IReadOnlyList<DescribedDataset> datasets) => new
    {
        pipeline = contract.Pipeline,
        file = file.Path,
        datasets = datasets.Select(d => new
        {
            dataset = d.Name,
            documents = d.Documents,
            sampled = d.Sampled,
            tables = contract.Datasets.Single(c => c.Name == d.Name).Tables.Select(t => t.QualifiedName),
            personal = d.AllFields.Where(f => f.IsPersonal).Select(f => f.Seen.Path),
            unsure = d.AllDoubts.Select(u => new { path = u.Path, u.Doubt }),
        }),
    };

    static void Print(Contract contract, ContractFile file, IReadOnlyList<DescribedDataset> datasets)
    {
        Terminal.Table($"{file.Path}: pipeline {contract.Pipeline}", ["collection", "#documents", "tables", "#columns", "#personal", "#unsure"], datasets.Select(d =>
        {
            var tables = contract.Datasets.Single(c => c.Name == d.Name).Tables;
            return (IReadOnlyList<string>)[d.Name, Terminal.Count(d.Documents), string.Join(", ", tables.Select(t => t.QualifiedName)),
                Terminal.Count(tables.Sum(t => t.Columns.Count)), Terminal.Count(d.AllFields.Count(f => f.IsPersonal)), Terminal.Count(d.AllDoubts.Count())];
        }));
        var doubts = datasets.SelectMany(d => d.AllDoubts.Select(u => (IReadOnlyList<string>)[u.Path.Length > 0 ? $"{d.Name}.{u.Path}" : d.Name, u.Doubt])).ToArray();
        if (doubts.Length > 0)
            Terminal.Table("Unsure", ["place", "why"], doubts);
        if (contract.IsExternal)
            Terminal.Say($"Next: quality reconcile --external {PipelineFolders.Typed(file.Folder)}");
        else
            Terminal.Say($"Next: quality sync {PipelineFolders.Typed(file.Folder)}, then quality reconcile {PipelineFolders.Typed(file.Folder)}");
    }
}
