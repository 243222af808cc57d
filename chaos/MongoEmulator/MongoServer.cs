using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.FailPoints;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Sessions;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Wire;
using Etl;

namespace Chaos.MongoEmulator;

/// <summary>
/// A server in this process that speaks the MongoDB wire protocol, as the primary of a replica set of one. It answers what it
/// knows as MongoDB 6.0 documents it, and refuses the rest by name. <c>hello</c> and <c>buildInfo</c> carry <c>emulator: true</c>.
/// </summary>
public sealed class MongoServer : IAsyncDisposable
{
    static readonly TimeSpan SyncInterval = TimeSpan.FromSeconds(1), StopTimeout = TimeSpan.FromSeconds(5);

    readonly Socket listener;
    readonly DataFolder? folder;
    readonly Catalog catalog;
    readonly Dispatcher dispatcher;
    readonly MongoServerOptions options;
    readonly CancellationTokenSource stopping = new();
    readonly ConcurrentDictionary<int, (Connection Connection, Task Task)> connections = [];
    readonly List<Task> loops = [];

    MongoServer(MongoServerOptions options, Socket listener, DataFolder? folder)
    {
        this.options = options;
        this.listener = listener;
        this.folder = folder;
        var clock = new ClusterClock(options.TimeProvider, folder?.Path);
        int seed = unchecked(options.Seed * 31 + (int)(clock.Now >> 32)); // the clock is ahead after every restart, so no id comes twice
        catalog = new Catalog(folder, clock, new Random(seed), options.Log);
        FailCommand = new FailCommand(new Random(seed + 3));
        var state = new ServerState(catalog, new CursorTable(options.TimeProvider, new Random(seed + 1)), new ObjectIdSource(clock, new Random(seed + 2)), new SessionTable(options.TimeProvider, new Random(seed + 4)), FailCommand, options.TimeProvider)
        {
            Users = options.Users.ToDictionary(u => u.Name),
        };
        dispatcher = new Dispatcher(state, new CommandTable(state), options.Log);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>Makes chosen commands fail, and says how often it did.</summary>
    public FailCommand FailCommand { get; }

    /// <summary><c>mongodb://127.0.0.1:PORT/</c>. With <c>?replicaSet=rs0</c> added, or <c>?directConnection=true</c>, it serves as well.</summary>
    public string Uri
    {
        get
        {
            var address = options.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : options.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : options.Address;
            return $"mongodb://{new IPEndPoint(address, Port)}/";
        }
    }

    /// <summary>Listens when it returns, with what the data folder holds.</summary>
    /// <exception cref="UnavailableException">The port is taken, the data folder is another process's, or a file in it is damaged.</exception>
    public static MongoServer Start(MongoServerOptions options)
    {
        var listener = new Socket(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        DataFolder? folder = null;
        try
        {
            listener.Bind(new IPEndPoint(options.Address, options.Port));
            folder = options.DataFolder == null ? null : new DataFolder(Path.GetFullPath(options.DataFolder));
            var server = new MongoServer(options, listener, folder);
            listener.Listen(512);
            server.loops.Add(server.AcceptAsync());
            if (folder != null)
                server.loops.Add(server.SyncAsync());
            return server;
        }
        catch (Exception e)
        {
            listener.Dispose();
            folder?.Dispose();
            throw e switch
            {
                SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
                    new UnavailableException($"Port {options.Port} on {options.Address} is already in use. Choose another with --port, or 0 for any free one.", e),
                SocketException => new UnavailableException($"Cannot listen on {options.Address}, port {options.Port}: {e.Message}. Choose another with --port.", e),
                DataFolderInUseException => new UnavailableException(e.Message, e),
                IOException or UnauthorizedAccessException => new UnavailableException($"The data folder {options.DataFolder} cannot be used: {e.Message.TrimEnd('.')}. Free disk space or correct its permissions; nothing in it was changed but for what the message names. Or choose another with --data.", e),
                _ => e,
            };
        }
    }

    async Task AcceptAsync()
    {
        for (int id = 1; !stopping.IsCancellationRequested; id++)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                continue; // a client that left while it was being accepted
            }
            int number = id;
            Connection connection;
            try
            {
                socket.NoDelay = true;
                connection = new Connection(socket, number, dispatcher, options);
            }
            catch (SocketException)
            {
                socket.Dispose(); // it has gone already
                continue;
            }
            var served = new TaskCompletionSource();
            connections[number] = (connection, served.Task);
            _ = Task.Run(async () =>
            {
                try
                {
                    await connection.RunAsync(stopping.Token);
                }
                finally
                {
                    connections.TryRemove(number, out _);
                    served.SetResult();
                }
            });
        }
    }

    async Task SyncAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(SyncInterval, options.TimeProvider, stopping.Token);
                catalog.Sync();
            }
        }
        catch (OperationCanceledException)
        {
            // The end syncs once more.
        }
        catch (IOException e)
        {
            options.Log($"Syncing {folder!.Path} failed: {e.Message}");
        }
    }

    /// <summary>Answers what is being answered, closes every connection, and flushes the data to the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested)
            return;
        await stopping.CancelAsync(); // ends every read; what is being answered is answered
        listener.Dispose();
        var served = connections.Values.Select(c => c.Task).ToArray();
        await Task.WhenAny(Task.WhenAll(served), Task.Delay(StopTimeout));
        foreach (var (connection, _) in connections.Values)
            connection.Dispose();
        await Task.WhenAll(loops);
        catalog.Dispose();
        folder?.Dispose();
        stopping.Dispose();
    }
}
