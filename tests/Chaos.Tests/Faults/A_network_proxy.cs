using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Chaos.Faults.Network;
using FsCheck;
using FsCheck.Fluent;

namespace Chaos.Tests.Faults;

/// <summary>What a client and a server that echoes see of each other through a network that misbehaves.</summary>
public sealed class A_network_proxy : IAsyncLifetime
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    readonly TcpListener echo = new(IPAddress.Loopback, 0);
    NetworkProxy proxy = null!;
    Task serving = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        echo.Start();
        serving = ServeAsync();
        proxy = NetworkProxy.To("127.0.0.1", ((IPEndPoint)echo.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = EchoAsync(await echo.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    static async Task EchoAsync(TcpClient client)
    {
        using (client)
            try
            {
                await client.GetStream().CopyToAsync(client.GetStream());
            }
            catch (IOException)
            {
                // It was cut.
            }
    }

    async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port);
        return client;
    }

    static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Sends, says that no more comes, and takes what comes back until the other side ends.</summary>
    static async Task<(byte[] Answer, bool WasReset)> SayAsync(TcpClient client, byte[] bytes)
    {
        using var answer = new MemoryStream();
        using var patience = new CancellationTokenSource(Soon);
        var stream = client.GetStream();
        var reading = Task.Run(async () =>
        {
            try
            {
                await stream.CopyToAsync(answer, patience.Token);
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        });
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It was cut while it spoke; what came back tells how.
        }
        bool wasReset = await reading;
        return (answer.ToArray(), wasReset);
    }

    [Fact]
    public async Task Without_toxics_is_not_noticed()
    {
        using var client = await ConnectAsync();
        byte[] said = Bytes(1_000_000);
        Assert.Equal(said, (await SayAsync(client, said)).Answer);
        Assert.Equal(1, proxy.Connections);
    }

    public static TheoryData<string> Harmless => ["latency", "bandwidth", "slices", "slow close", "all"];

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task Changes_no_byte_while_it_only_dawdles(string what)
    {
        Toxic[] toxics = [
            new Latency(Direction.Down, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(4)),
            new Bandwidth(Direction.Up, 400_000),
            new Slices(Direction.Down, 7),
            new SlowClose(Direction.Up, TimeSpan.FromMilliseconds(100)),
        ];
        var added = what == "all" ? toxics : [toxics[Harmless.Select(h => h.Data).ToList().IndexOf(what)]];
        foreach (var toxic in added)
            proxy.Add(toxic);
        byte[] said = Bytes(60_000);
        using var client = await ConnectAsync();
        long began = Stopwatch.GetTimestamp();
        Assert.Equal(said, (await SayAsync(client, said)).Answer);
        Assert.All(added, t => Assert.True(t.Fired > 0, $"{t.GetType().Name} did nothing."));
        if (what is "bandwidth")
            Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromMilliseconds(120));
    }

    /// <summary>Wherever a connection is cut: what arrived before is exact, and not a byte more arrives.</summary>
    [Fact]
    public void Cuts_behind_exactly_so_many_bytes_whatever_else_is_wrong()
    {
        var cases = from after in Gen.Choose(0, 3_000) from slices in Gen.Choose(1, 700) from reset in Gen.Elements(true, false) select (after, slices, reset);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(cases.ToArbitrary(), c => Task.Run(async () =>
        {
            proxy.Heal();
            var cut = new Cut(Direction.Down, c.after, reset: false);
            proxy.Add(new Slices(Direction.Down, c.slices));
            proxy.Add(cut);
            using var client = await ConnectAsync();
            byte[] said = Bytes(3_001);
            var (answer, _) = await SayAsync(client, said);
            Assert.Equal(said[..c.after], answer);
            Assert.Equal(1, cut.Fired);
        }).GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task Cuts_once_and_then_lets_everybody_through()
    {
        var cut = new Cut(Direction.Down, 100, once: true);
        proxy.Add(cut);
        byte[] said = Bytes(1_000);
        using (var first = await ConnectAsync())
            Assert.Equal(said[..100], (await SayAsync(first, said)).Answer);
        using var second = await ConnectAsync();
        Assert.Equal(said, (await SayAsync(second, said)).Answer);
        Assert.Equal(1, cut.Fired);
    }

    [Fact]
    public async Task Resets()
    {
        proxy.Add(new Cut(Direction.Down, 0, reset: true));
        using var client = await ConnectAsync();
        Assert.True((await SayAsync(client, Bytes(10))).WasReset);
    }

    [Fact]
    public async Task Swallows_without_a_word_and_cuts_when_it_is_healed()
    {
        var hole = new BlackHole(Direction.Down, after: 3);
        proxy.Add(hole);
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        await stream.WriteAsync(Bytes(10));
        var three = new byte[3];
        await stream.ReadExactlyAsync(three);
        Assert.Equal(Bytes(10)[..3], three);
        using var patience = new CancellationTokenSource(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(three, patience.Token));
        Assert.Equal(1, hole.Fired);
        proxy.Heal();
        using var soon = new CancellationTokenSource(Soon);
        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.ReadExactlyAsync(three, soon.Token));
    }

    [Fact]
    public async Task Turns_the_bits_of_one_byte()
    {
        var corrupt = new Corrupt(Direction.Up, at: 5, mask: 0x81);
        proxy.Add(corrupt);
        proxy.Add(new Slices(Direction.Up, 2));
        using var client = await ConnectAsync();
        byte[] said = Bytes(20), expected = [.. said];
        expected[5] ^= 0x81;
        Assert.Equal(expected, (await SayAsync(client, said)).Answer);
        Assert.Equal(1, corrupt.Fired);
    }

    [Fact]
    public async Task Is_down_until_it_is_healed()
    {
        using var open = await ConnectAsync();
        await open.GetStream().WriteAsync(Bytes(1));
        await open.GetStream().ReadExactlyAsync(new byte[1]);
        proxy.TakeDown();
        await Assert.ThrowsAnyAsync<IOException>(async () => await open.GetStream().ReadExactlyAsync(new byte[1]));
        try
        {
            using var refused = await ConnectAsync();
            Assert.Empty((await SayAsync(refused, Bytes(10))).Answer);
        }
        catch (SocketException)
        {
            // It was hung up on before it had connected.
        }
        Assert.Equal(1, proxy.Refused);
        proxy.Heal();
        using var again = await ConnectAsync();
        Assert.Equal(Bytes(10), (await SayAsync(again, Bytes(10))).Answer);
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        echo.Stop();
        await serving;
    }
}
