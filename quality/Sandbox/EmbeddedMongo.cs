using System.Globalization;
using System.Net.Sockets;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Wire;
using Etl;
using Etl.Documents;

namespace Quality.Sandbox;

/// <summary>
/// The MongoDB emulator whose documents live under <c>.quality/mongo/</c>. Commands that run at once share one: the first serves, and
/// leaves its port beside the lock; the others connect to it, and the first waits for them before it stops. The lock dies with its process, so a record left
/// by a kill -9 stops nobody.
/// </summary>
public sealed class EmbeddedMongo : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(100);

    readonly MongoServer? server;
    readonly string portFile;
    readonly TimeProvider time;
    readonly IDisposable? use;

    EmbeddedMongo(string uri, string portFile, TimeProvider time, MongoServer? server, IDisposable? use) =>
        (Uri, this.portFile, this.time, this.server, this.use) = (uri, portFile, time, server, use);

    public string Uri { get; }

    /// <summary>Whether another process serves, and goes on when this one ends.</summary>
    public bool IsShared => server == null;

    /// <param name="folder">The <c>.quality</c> folder; made when absent.</param>
    /// <exception cref="UnavailableException">The data is damaged, or another process holds it and does not answer.</exception>
    public static async Task<EmbeddedMongo> StartAsync(string folder, TimeProvider time, CancellationToken ct)
    {
        string data = Path.Combine(folder, "mongo"), portFile = Path.Combine(data, "port");
        var deadline = time.GetUtcNow() + Patience;
        while (true)
            try
            {
                var server = MongoServer.Start(new MongoServerOptions { DataFolder = data, TimeProvider = time, Log = Console.Error.WriteLine });
                await Record(portFile, server, ct);
                return new EmbeddedMongo(server.Uri, portFile, time, server, null);
            }
            catch (UnavailableException e) when (e.InnerException is DataFolderInUseException)
            {
                if (await JoinAsync(portFile, time, ct) is { } shared)
                    return shared;
                if (time.GetUtcNow() > deadline)
                    throw new UnavailableException($"The data folder {data} is held by another process that does not answer. End it, or use another folder.", e);
                await Task.Delay(Pause, time, ct); // it may just be starting, or just be stopping
            }
    }

    static string Users(string portFile) => portFile + ".users";

    /// <summary>Said to be in use before it is spoken to, so that its process does not stop it meanwhile; null where none answers.</summary>
    static async Task<EmbeddedMongo?> JoinAsync(string portFile, TimeProvider time, CancellationToken ct)
    {
        IDisposable use;
        try
        {
            use = SharedLock.Share(Users(portFile));
        }
        catch (IOException)
        {
            return null; // it is being stopped
        }
        if (await SharedAsync(portFile, ct) is { } uri)
            return new EmbeddedMongo(uri, portFile, time, null, use);
        use.Dispose();
        return null;
    }

    static async Task Record(string portFile, MongoServer server, CancellationToken ct)
    {
        try
        {
            await File.WriteAllTextAsync(portFile + ".tmp", server.Port.ToString(CultureInfo.InvariantCulture), ct);
            File.Move(portFile + ".tmp", portFile, overwrite: true);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server whose port is recorded, if it answers as an emulator does.</summary>
    static async Task<string?> SharedAsync(string portFile, CancellationToken ct)
    {
        try
        {
            int port = int.Parse(await File.ReadAllTextAsync(portFile, ct), CultureInfo.InvariantCulture);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
            timeout.CancelAfter(TimeSpan.FromSeconds(2));
            await using var client = await WireClient.ConnectAsync("127.0.0.1", port, timeout.Token);
            return IsEmulator(await client.RunAsync(w => w.Write("hello", 1).Write("$db", "admin"), timeout.Token)) ? $"mongodb://127.0.0.1:{port}/" : null;
        }
        catch (Exception e) when (e is IOException or FormatException or OverflowException or SocketException or WireException or BsonException
            || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    static bool IsEmulator(byte[] hello)
    {
        var reader = new BsonReader(hello);
        return Bson.Find(ref reader, "emulator"u8);
    }

    public async ValueTask DisposeAsync()
    {
        use?.Dispose();
        if (server == null)
            return;
        // It lives in this process: while other commands use it, this one stays. Held until it has stopped, so that nobody joins meanwhile.
        IDisposable? last;
        while ((last = SharedLock.TryTake(Users(portFile))) == null)
            await Task.Delay(Pause, time);
        using (last)
        {
            File.Delete(portFile);
            await server.DisposeAsync();
        }
    }
}
