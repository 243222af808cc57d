using System.Runtime.InteropServices;
using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>
/// A pool of clients to one MongoDB: runs commands and opens cursors. The only class outside this folder's
/// own files that knows the driver; calls block inside the driver, so they run on the thread pool.
/// </summary>
public sealed class MongoConnection : IDisposable
{
    /// <summary>Pool clients wait this long for a server, unless the URI says otherwise.</summary>
    const int ServerSelectionMilliseconds = 5_000;

    readonly PoolHandle pool;

    MongoConnection(PoolHandle pool, string address, string? database) =>
        (this.pool, Address, Database) = (pool, address, database);

    /// <summary>Scheme and hosts of the URI, without user, password and options.</summary>
    public string Address { get; }

    /// <summary>The database that the URI names, if it names one.</summary>
    public string? Database { get; }

    /// <summary>Checks a URI and makes a pool; connects only when the first command is sent.</summary>
    /// <exception cref="UsageException">The URI is malformed or has an option that the driver does not know.</exception>
    /// <exception cref="UnavailableException">libmongoc is not installed.</exception>
    public static unsafe MongoConnection Open(string uri)
    {
        Libmongoc.Initialise();
        var shown = MongoUri.Check(uri);
        Libmongoc.TakeWarnings();
        Libmongoc.Error error = default;
        using var parsed = new UriHandle(Libmongoc.mongoc_uri_new_with_error(uri, &error));
        if (parsed.IsInvalid)
            throw new UsageException($"'{shown}' is not a MongoDB URI: {MongoUri.Redact(error.Message, uri)} Write mongodb://[user:password@]host[:port]/[?options], special characters in user and password percent-encoded.");
        var warnings = Libmongoc.TakeWarnings();
        if (warnings.Count > 0)
            throw new UsageException($"'{shown}' has an option that the MongoDB driver does not take: {MongoUri.Redact(warnings[0], uri)}");
        Libmongoc.mongoc_uri_set_option_as_int32(parsed.Pointer, "serverSelectionTimeoutMS",
            Libmongoc.mongoc_uri_get_option_as_int32(parsed.Pointer, "serverSelectionTimeoutMS", ServerSelectionMilliseconds));
        Libmongoc.mongoc_uri_set_appname(parsed.Pointer, "quality");
        nint named = Libmongoc.mongoc_uri_get_database(parsed.Pointer);
        string? database = named == 0 ? null : Marshal.PtrToStringUTF8(named);
        var pool = new PoolHandle(Libmongoc.mongoc_client_pool_new_with_error(parsed.Pointer, &error));
        if (pool.IsInvalid)
            throw new UsageException($"'{shown}' cannot be used: {MongoUri.Redact(error.Message, uri)}");
        Libmongoc.mongoc_client_pool_set_error_api(pool.Pointer, Libmongoc.ErrorApi);
        return new MongoConnection(pool, shown, database);
    }

    /// <summary>Runs one command and returns the server's reply, a BSON document.</summary>
    /// <param name="command">The command document; its first element names the command.</param>
    /// <exception cref="MongoException">The server refused the command, or could not be reached.</exception>
    public Task<byte[]> CommandAsync(string database, ReadOnlyMemory<byte> command, CancellationToken cancellation = default) =>
        Task.Run(() => Command(database, command.Span, anyReadable: false), cancellation);

    /// <summary>Runs a command that only reads, on a server of the URI's read preference.</summary>
    /// <exception cref="MongoException">The server refused the command, or could not be reached.</exception>
    internal Task<byte[]> AskAsync(string database, ReadOnlyMemory<byte> command, CancellationToken cancellation) =>
        Task.Run(() => Command(database, command.Span, anyReadable: true), cancellation);

    unsafe byte[] Command(string database, ReadOnlySpan<byte> command, bool anyReadable)
    {
        using var request = new BsonHandle(command);
        using var client = new ClientHandle(pool);
        nint reply = Libmongoc.AllocateReply();
        try
        {
            Libmongoc.Error error = default;
            nint preference = anyReadable ? Libmongoc.mongoc_client_get_read_prefs(client.Pointer) : 0; // 0: the primary
            bool done = Libmongoc.mongoc_client_command_simple(client.Pointer, database, request.Pointer, preference, reply, &error);
            var bytes = Libmongoc.Bytes(reply);
            return done ? bytes.ToArray() : throw Failure(error, bytes);
        }
        finally
        {
            Libmongoc.FreeReply(reply);
        }
    }

    /// <summary>Opens a cursor. It is read on one thread at a time.</summary>
    /// <param name="options">The driver's find options: sort, batchSize, hint, min …</param>
    internal MongoCursor Find(string database, string collection, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> options) =>
        MongoCursor.Find(pool, database, collection, filter, options);

    /// <summary>Opens a cursor. It is read on one thread at a time.</summary>
    /// <param name="pipeline"><c>{ pipeline: [ … ] }</c></param>
    internal MongoCursor Aggregate(string database, string collection, ReadOnlySpan<byte> pipeline, ReadOnlySpan<byte> options) =>
        MongoCursor.Aggregate(pool, database, collection, pipeline, options);

    internal static MongoException Failure(in Libmongoc.Error error, ReadOnlySpan<byte> reply)
    {
        var labels = new List<string>();
        if (reply.Length >= BsonReader.SmallestDocument)
        {
            var reader = new BsonReader(reply);
            if (Bson.Find(ref reader, "errorLabels"u8) && reader.Type == BsonType.Array)
                for (var items = reader.Nested(); items.Read();)
                    if (items.Type == BsonType.String)
                        labels.Add(items.String);
        }
        return new MongoException(error.Domain, error.Code, error.Message, labels);
    }

    public void Dispose() => pool.Dispose();
}
