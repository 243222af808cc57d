using System.Runtime.InteropServices;
using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>
/// A pool of clients to one MongoDB: runs commands and opens cursors. The only class outside this folder's
/// own files that knows the driver; calls block inside the driver, so they run on the thread pool.
/// </summary>
public sealed class MongoConnection : IDisposable
{
    readonly PoolHandle pool;
    readonly string uri;
    readonly int socketTimeout, maxConnections;

    MongoConnection(PoolHandle pool, string uri, UriHandle parsed, string address, MongoOptions options)
    {
        (this.pool, this.uri, Address, Options) = (pool, uri, address, options);
        socketTimeout = Libmongoc.mongoc_uri_get_option_as_int32(parsed.Pointer, "socketTimeoutMS", options.SocketTimeout);
        maxConnections = Libmongoc.mongoc_uri_get_option_as_int32(parsed.Pointer, "maxPoolSize", options.MaxConnections);
        nint named = Libmongoc.mongoc_uri_get_database(parsed.Pointer);
        Database = named == 0 ? null : Marshal.PtrToStringUTF8(named);
        NamesReadConcern = Libmongoc.mongoc_read_concern_get_level(Libmongoc.mongoc_uri_get_read_concern(parsed.Pointer)) != 0;
    }

    /// <summary>Scheme and hosts of the URI, without user, password and options.</summary>
    public string Address { get; }

    /// <summary>The database that the URI names, if it names one.</summary>
    public string? Database { get; }

    public MongoOptions Options { get; }

    /// <summary>Whether the URI says which read concern is wanted.</summary>
    internal bool NamesReadConcern { get; }

    internal EffortCounter Effort { get; } = new();

    /// <summary>Checks a URI and makes a pool; connects only when the first command is sent. A <c>mongodb+srv</c> name is looked up here.</summary>
    /// <exception cref="UsageException">The URI is malformed, has an option that the driver does not know, or names a certificate file that is not there; or an option is out of its range.</exception>
    /// <exception cref="UnavailableException">libmongoc is not installed, or the name of a <c>mongodb+srv</c> URI leads nowhere.</exception>
    public static unsafe MongoConnection Open(string uri, MongoOptions? options = null)
    {
        options = (options ?? new MongoOptions()).Checked();
        Libmongoc.Initialise();
        string shown = MongoUri.Check(uri);
        Libmongoc.TakeWarnings();
        Libmongoc.Error error = default;
        using var parsed = new UriHandle(Libmongoc.mongoc_uri_new_with_error(uri, &error));
        if (parsed.IsInvalid)
            throw new UsageException($"'{shown}' is not a MongoDB URI: {MongoUri.Redact(error.Message, uri)} Write mongodb://[user:password@]host[:port]/[?options], special characters in user and password percent-encoded.");
        var warnings = Libmongoc.TakeWarnings();
        if (warnings.Count > 0)
            throw new UsageException($"'{shown}' has an option that the MongoDB driver does not take: {MongoUri.Redact(warnings[0], uri)}");
        MongoUri.CheckFiles(uri, shown);
        Default(parsed, "serverSelectionTimeoutMS", options.ServerSelectionTimeout);
        Default(parsed, "socketTimeoutMS", options.SocketTimeout);
        Default(parsed, "connectTimeoutMS", options.ConnectTimeout);
        Default(parsed, "maxPoolSize", options.MaxConnections);
        Default(parsed, "waitQueueTimeoutMS", options.MaxWaitForConnection);
        Libmongoc.mongoc_uri_set_appname(parsed.Pointer, "quality");
        var pool = new PoolHandle(Libmongoc.mongoc_client_pool_new_with_error(parsed.Pointer, &error));
        if (pool.IsInvalid)
            throw Unusable(new MongoException(error.Domain, error.Code, MongoUri.Redact(error.Message, uri)), shown);
        Libmongoc.mongoc_client_pool_set_error_api(pool.Pointer, Libmongoc.ErrorApi);
        Libmongoc.Monitor(pool.Pointer);
        return new MongoConnection(pool, uri, parsed, shown, options);
    }

    static void Default(UriHandle uri, string option, int value) =>
        Libmongoc.mongoc_uri_set_option_as_int32(uri.Pointer, option, Libmongoc.mongoc_uri_get_option_as_int32(uri.Pointer, option, value));

    static Exception Unusable(MongoException e, string shown) => shown.StartsWith("mongodb+srv:", StringComparison.OrdinalIgnoreCase) && e.IsUnreachable
        ? new UnavailableException($"The hosts of '{shown}' cannot be looked up: {MongoFailures.Sentence(e)} Check the name and the DNS, or name the hosts themselves: mongodb://host1,host2/.", e)
        : new UsageException($"'{shown}' cannot be used: {MongoFailures.Sentence(e)}");

    /// <summary>Runs one command on the primary and returns its reply, a BSON document.</summary>
    /// <param name="command">The command document; its first element names the command.</param>
    /// <exception cref="MongoException">The server refused the command, or could not be reached.</exception>
    /// <exception cref="UnavailableException">All connections stayed in use.</exception>
    public Task<byte[]> CommandAsync(string database, ReadOnlyMemory<byte> command, CancellationToken cancellation = default) =>
        Task.Run(() => Command(database, command.Span, anyReadable: false), cancellation);

    /// <summary>Runs a command that only reads, on a server of the URI's read preference.</summary>
    /// <exception cref="MongoException">The server refused the command, or could not be reached.</exception>
    /// <exception cref="UnavailableException">All connections stayed in use.</exception>
    internal Task<byte[]> AskAsync(string database, ReadOnlyMemory<byte> command, CancellationToken cancellation) =>
        Task.Run(() => Command(database, command.Span, anyReadable: true), cancellation).WaitAsync(cancellation);

    unsafe byte[] Command(string database, ReadOnlySpan<byte> command, bool anyReadable)
    {
        using var request = new BsonHandle(command);
        using var client = Pop();
        var watch = new CommandWatch(socketTimeout);
        MongoException? failure = null;
        nint reply = Libmongoc.AllocateReply();
        try
        {
            Libmongoc.Error error = default;
            nint preference = anyReadable ? Libmongoc.mongoc_client_get_read_prefs(client.Pointer) : 0; // 0: the primary
            bool done;
            using (watch.Listen())
                done = Libmongoc.mongoc_client_command_simple(client.Pointer, database, request.Pointer, preference, reply, &error);
            var bytes = Libmongoc.Bytes(reply);
            if (done)
                return bytes.ToArray();
            throw failure = Failure(error, bytes, watch.Host);
        }
        finally
        {
            Libmongoc.FreeReply(reply);
            watch.Book(Effort, failure);
        }
    }

    /// <summary>Opens a cursor. It is read on one thread at a time.</summary>
    /// <param name="options">The driver's find options: sort, batchSize, hint, min …</param>
    /// <exception cref="UnavailableException">All connections stayed in use.</exception>
    internal MongoCursor Find(string database, string collection, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> options) =>
        MongoCursor.Find(this, database, collection, filter, options);

    /// <summary>Opens a cursor. It is read on one thread at a time.</summary>
    /// <param name="pipeline"><c>{ pipeline: [ … ] }</c></param>
    /// <exception cref="UnavailableException">All connections stayed in use.</exception>
    internal MongoCursor Aggregate(string database, string collection, ReadOnlySpan<byte> pipeline, ReadOnlySpan<byte> options) =>
        MongoCursor.Aggregate(this, database, collection, pipeline, options);

    /// <summary>A client; given back when it is disposed.</summary>
    internal ClientHandle Pop()
    {
        var client = new ClientHandle(pool);
        if (!client.IsInvalid)
            return client;
        client.Dispose();
        throw new UnavailableException($"All {maxConnections} connections to {Address} are in use, and none came free in time. Read with fewer workers, or raise maxPoolSize in the URI.");
    }

    internal CommandWatch Watch() => new(socketTimeout) { CountsDocuments = true };

    internal MongoException Failure(in Libmongoc.Error error, ReadOnlySpan<byte> reply, string? host)
    {
        var labels = new List<string>();
        string? name = null;
        if (reply.Length >= BsonReader.SmallestDocument)
            for (var reader = new BsonReader(reply); reader.Read();)
                if (reader.NameUtf8.SequenceEqual("codeName"u8) && reader.Type == BsonType.String)
                    name = reader.String;
                else if (reader.NameUtf8.SequenceEqual("errorLabels"u8) && reader.Type == BsonType.Array)
                    for (var items = reader.Nested(); items.Read();)
                        if (items.Type == BsonType.String)
                            labels.Add(items.String);
        return new MongoException(error.Domain, error.Code, MongoUri.Redact(error.Message, uri), labels) { CodeName = name, Host = host };
    }

    public void Dispose() => pool.Dispose();
}
