using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Csv;
using Etl.Sources.Files;
using Etl.Sources.Http;
using Etl.Sources.Mongo;
using Etl.Sources.RabbitMq;

namespace Quality.Commands;

/// <summary>Makes the sources of a contract, by the kinds of its servers.</summary>
/// <param name="servers">Embedded ones are running.</param>
/// <param name="days">The days asked for; an API must be told which.</param>
/// <param name="readsAll">Read also what is known to be durable, to compare with it.</param>
/// <param name="seed">Of the pauses between attempts; null: the default.</param>
internal sealed class SourceFactory(Servers servers, DayRange? days, bool readsAll, int? seed)
{
    const int DefaultSeed = 1;

    /// <summary>What collections are asked for; null: everything.</summary>
    public byte[]? Where { get; init; }

    /// <summary>Whether any dataset of a contract is read from MongoDB: else none need be there.</summary>
    public static bool NeedsMongo(Contract contract) => contract.Servers.Any(s => s.Kind == ServerKinds.MongoDb);

    /// <summary>Whether a queue of a contract is on the embedded broker.</summary>
    public static bool NeedsEmbeddedQueue(Contract contract) =>
        contract.Servers.Any(s => s.Kind == ServerKinds.RabbitMq && new ServerSettings(contract, s).Required("url") == Servers.Embedded);

    /// <exception cref="UsageException">A setting is missing or cannot be used.</exception>
    public IDocumentSource Open(Contract contract)
    {
        var sources = contract.Servers.Where(s => contract.Datasets.Any(d => d.Server.Name == s.Name)).ToDictionary(s => s.Name, s => Open(contract, s));
        return sources.Count == 1 ? sources.Values.Single() : new CompositeSource(sources);
    }

    IDocumentSource Open(Contract contract, Server server)
    {
        var settings = new ServerSettings(contract, server);
        return server.Kind switch
        {
            ServerKinds.MongoDb => new MongoSource(servers.MongoUri, contract, seed is { } given ? new MongoOptions { Seed = given } : null) { Where = Where },
            ServerKinds.Http => new HttpSource(HttpOptions(settings)),
            ServerKinds.Files => new FilesSource(FilesOptions(contract, settings)),
            // What was taken out of a queue is compared as it was kept; nobody need be there to ask.
            ServerKinds.RabbitMq => readsAll ? new KeptMessages(servers.Warehouse, contract.Pipeline) : OpenQueue(settings),
            ServerKinds.Csv => OpenCsv(settings),
            _ => throw new InvalidOperationException($"Nobody reads from servers of kind '{server.Kind}'."), // the contract's reader knows all kinds
        };
    }

    HttpOptions HttpOptions(ServerSettings settings)
    {
        var options = new HttpOptions
        {
            Url = settings.Required("url"),
            From = days?.From,
            To = days?.To,
            ByDay = settings.Text("byDay") != "false",
            Token = Token(settings),
            Member = settings.Text("items"),
            Paging = Paging(settings),
            AllowedHosts = settings.List("allowedHosts"),
            Seed = seed ?? DefaultSeed,
        };
        return options with
        {
            DateParameter = settings.Text("dateParameter") ?? options.DateParameter,
            NoEventsDetail = settings.Text("noDataDetail") ?? options.NoEventsDetail,
            ParallelDays = settings.Number("parallelDays") ?? options.ParallelDays,
        };
    }

    /// <summary>From a variable, or from the file that VARIABLE_FILE names; none where neither is set: who needs one says so.</summary>
    static HttpToken? Token(ServerSettings settings)
    {
        if (settings.VariableOf("token") is { } variable)
            return HttpToken.FromEnvironment(settings.Required("tokenHeader"), variable);
        return settings.Text("token") is null ? null
            : throw new UsageException($"The token of server '{settings.Server}' stands in the contract, where everybody can read it. Write ${{NAME}} there, and put the token into the environment variable NAME, or into a file that NAME_FILE names.");
    }

    static HttpPaging? Paging(ServerSettings settings) => (settings.Text("nextLink"), settings.Text("pageParameter")) switch
    {
        (null, null) => null,
        ({ } link, null) => link == "header" ? new HttpPaging.ByLinkHeader() : new HttpPaging.ByLinkField(link),
        (null, { } parameter) => new HttpPaging.ByNumber(parameter, settings.Number("firstPage") ?? 1),
        _ => throw new UsageException($"Server '{settings.Server}' has both nextLink and pageParameter: an API pages in one way."),
    };

    FilesOptions FilesOptions(Contract contract, ServerSettings settings)
    {
        string inbox = settings.Required("folder");
        var formats = Formats(settings);
        return new FilesOptions
        {
            Inbox = inbox,
            Variable = settings.VariableOf("folder"),
            Formats = contract.Datasets.ToDictionary(d => d.Name, _ => formats),
            Memory = new PostgresFileMemory(servers.Warehouse, contract, inbox),
            ReadsAll = readsAll,
        };
    }

    static FileFormats Formats(ServerSettings settings)
    {
        FileFormats formats = 0;
        foreach (string name in settings.List("formats"))
            formats |= name switch
            {
                "json" => FileFormats.Json,
                "ndjson" => FileFormats.Lines,
                "gz" => FileFormats.Gzip,
                _ => throw new UsageException($"'formats' of server '{settings.Server}' is a list of json, ndjson and gz, not '{name}'."),
            };
        return (formats & (FileFormats.Json | FileFormats.Lines)) == 0 ? formats | FileFormats.Json : formats;
    }

    RabbitMqSource OpenQueue(ServerSettings settings)
    {
        string url = settings.Required("url");
        var options = new RabbitMqOptions { Seed = seed ?? DefaultSeed };
        return new RabbitMqSource(url == Servers.Embedded ? servers.QueueUri : url, options with { Prefetch = settings.Number("prefetch") ?? options.Prefetch });
    }

    static CsvSource OpenCsv(ServerSettings settings)
    {
        var options = new CsvOptions();
        string delimiter = settings.Text("delimiter") ?? $"{options.Delimiter}";
        return new CsvSource(settings.Required("file"), delimiter.Length == 1
            ? options with { Delimiter = delimiter[0], Encoding = settings.Text("encoding") ?? options.Encoding }
            : throw new UsageException($"'delimiter' of server '{settings.Server}' is one character, not '{delimiter}'."));
    }
}
