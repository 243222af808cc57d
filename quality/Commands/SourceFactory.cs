using Etl;
using Etl.Contracts;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Quality.Commands;

/// <summary>Makes the sources of a contract, by the kinds of its servers.</summary>
/// <param name="mongoUri">Of its MongoDB, where it has one.</param>
/// <param name="seed">Of the pauses between attempts; null: the default.</param>
internal sealed class SourceFactory(string mongoUri, int? seed)
{
    /// <summary>Whether any dataset of a contract is read from MongoDB: else none need be there.</summary>
    public static bool NeedsMongo(Contract contract) => contract.Servers.Any(s => s.Kind == ServerKinds.MongoDb);

    /// <exception cref="UsageException">A setting is missing, or the kind of a server is not built in.</exception>
    public IDocumentSource Open(Contract contract)
    {
        var sources = contract.Servers.Where(s => contract.Datasets.Any(d => d.Server.Name == s.Name)).ToDictionary(s => s.Name, s => Open(contract, s));
        return sources.Count == 1 ? sources.Values.Single() : new CompositeSource(sources);
    }

    IDocumentSource Open(Contract contract, Server server) => server.Kind switch
    {
        ServerKinds.MongoDb => new MongoSource(mongoUri, contract, seed is { } given ? new MongoOptions { Seed = given } : null),
        _ => throw new UsageException($"Server '{server.Name}' of pipeline '{contract.Pipeline}' is of kind '{server.Kind}', which this program cannot read yet. It reads: {ServerKinds.MongoDb}."),
    };
}
