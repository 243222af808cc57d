using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Runtime.Versioning;
using Etl;
using Quality.Sandbox;
using RabbitMQ.Client;
using Tests.Shared;

namespace Quality.Tests.Sandbox;

[UnsupportedOSPlatform("windows")]
[Trait("Category", "Long")]
public sealed class An_embedded_rabbitmq
{
    static string Fresh()
    {
        RabbitMq.Required();
        return Scratch.Folder("rabbitmq");
    }

    static Task<EmbeddedRabbitMq> Start(string folder) => EmbeddedRabbitMq.StartAsync(folder, TimeProvider.System, CancellationToken.None);

    static async Task<IConnection> ConnectAsync(EmbeddedRabbitMq broker) =>
        await new ConnectionFactory { Uri = new Uri(broker.Uri), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    static async Task PublishAsync(EmbeddedRabbitMq broker, int count)
    {
        await using var connection = await ConnectAsync(broker);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("kept", durable: true, exclusive: false, autoDelete: false);
        for (int i = 0; i < count; i++)
            await channel.BasicPublishAsync("", "kept", mandatory: true, new BasicProperties { Persistent = true }, new byte[] { 1 });
    }

    static async Task<uint> CountAsync(EmbeddedRabbitMq broker)
    {
        await using var connection = await ConnectAsync(broker);
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.QueueDeclarePassiveAsync("kept")).MessageCount;
    }

    /// <summary>Processes that a folder's broker or its epmd still run: both carry the folder in their environment.</summary>
    static List<string> Left(string folder) => [.. Directory.EnumerateDirectories("/proc").Where(process =>
    {
        try
        {
            return int.TryParse(Path.GetFileName(process), out int id) && id != Environment.ProcessId
                && File.ReadAllText(Path.Combine(process, "environ")).Contains($"HOME={folder}/rabbitmq", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    }).Select(process => File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' '))];

    static async Task AssertNothingLeftAsync(string folder)
    {
        long began = Stopwatch.GetTimestamp();
        while (Left(folder) is { Count: > 0 } left)
        {
            Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds < 30, $"still there: {string.Join("; ", left)}");
            await Task.Delay(50);
        }
    }

    static async Task KillAsync(EmbeddedRabbitMq broker)
    {
        using var process = Process.GetProcessById(broker.ProcessId!.Value);
        process.Kill();
        await process.WaitForExitAsync();
    }

    [Fact]
    public async Task Listens_to_this_machine_only_keeps_its_messages_and_leaves_nothing_running()
    {
        string folder = Fresh();
        await using (var broker = await Start(folder))
        {
            Assert.False(broker.IsShared);
            await PublishAsync(broker, 3);
            string[] ports = (await File.ReadAllTextAsync(Path.Combine(broker.DataFolder, "ports"))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3, ports.Length);
            var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(l => ports.Contains($"{l.Port}")).ToList();
            Assert.Equal(ports.Order(), listening.Select(l => $"{l.Port}").Distinct().Order());
            Assert.All(listening, l => Assert.True(System.Net.IPAddress.IsLoopback(l.Address), $"{l}"));
            foreach (string secret in (string[])["password", "rabbitmq.conf", ".erlang.cookie"])
                Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(broker.DataFolder, secret)) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead));
        }
        await AssertNothingLeftAsync(folder);

        await using (var again = await Start(folder))
            Assert.Equal(3u, await CountAsync(again));
        await AssertNothingLeftAsync(folder);
    }

    [Fact]
    public async Task Is_one_broker_however_many_start_it_and_stopped_by_the_last_to_leave()
    {
        string folder = Fresh();
        var brokers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Start(folder)));
        Assert.Single(brokers.Select(b => b.ProcessId).Distinct());
        Assert.Single(brokers, b => !b.IsShared);
        await brokers[0].DisposeAsync();
        await brokers[1].DisposeAsync();
        await PublishAsync(brokers[2], 1);
        await brokers[2].DisposeAsync();
        await AssertNothingLeftAsync(folder);
    }

    [Fact]
    public async Task Comes_back_with_its_messages_and_its_address_after_it_was_killed()
    {
        string folder = Fresh();
        await using var killed = await Start(folder);
        await PublishAsync(killed, 5);
        await KillAsync(killed);

        await using (var again = await Start(folder))
        {
            Assert.False(again.IsShared);
            Assert.Equal(killed.Uri, again.Uri);
            Assert.Equal(5u, await CountAsync(again));
        }
        await killed.DisposeAsync();
        await AssertNothingLeftAsync(folder);
    }

    /// <summary>As a process that was killed leaves it: the broker lives, and nobody holds the locks.</summary>
    [Fact]
    public async Task That_outlived_its_starter_is_taken_over_and_stopped()
    {
        string folder = Fresh();
        var left = await Start(folder);
        int process = left.ProcessId!.Value;
        left.Abandon();

        await using (var taken = await Start(folder))
        {
            Assert.True(taken.IsShared);
            Assert.Equal(process, taken.ProcessId);
        }
        await AssertNothingLeftAsync(folder);
    }

    [Fact]
    public async Task With_a_pid_file_of_another_process_starts_all_the_same()
    {
        string folder = Fresh();
        await using (var first = await Start(folder))
            Assert.NotNull(first.ProcessId);
        await File.WriteAllTextAsync(Path.Combine(folder, "rabbitmq", "pid"), $"{Environment.ProcessId}");
        await using (var second = await Start(folder))
            Assert.NotEqual(Environment.ProcessId, second.ProcessId);
        await AssertNothingLeftAsync(folder);
    }

    [Fact]
    public async Task That_cannot_start_says_why_and_leaves_nothing_running()
    {
        string folder = Fresh();
        await using (var first = await Start(folder))
            Assert.NotNull(first.ProcessId);
        // What a node was when it was last started; this one is not readable as Erlang.
        foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, "rabbitmq", "mnesia"), "schema.DAT", SearchOption.AllDirectories))
            await File.WriteAllTextAsync(file, "not a table");
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => Start(folder));
        Assert.Contains($"RabbitMQ did not start in '{folder}/rabbitmq'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The whole log is", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was deleted.", failure.Message, StringComparison.Ordinal);
        await AssertNothingLeftAsync(folder);
    }

    [Fact]
    public void That_is_not_installed_says_how_it_is()
    {
        var absent = Assert.Throws<UnavailableException>(() => RabbitMqBinaries.Find(_ => null, ["/nowhere"], ["/nowhere"]));
        Assert.Contains(RabbitMqBinaries.InstallCommand, absent.Message, StringComparison.Ordinal);
        Assert.Contains("QUALITY_CRM_QUEUE", absent.Message, StringComparison.Ordinal);
        var wrong = Assert.Throws<UnavailableException>(() => RabbitMqBinaries.Find(name => name == RabbitMqBinaries.FolderVariable ? "/nowhere" : null, [], []));
        Assert.Contains("QUALITY_RABBITMQ_BIN is '/nowhere'", wrong.Message, StringComparison.Ordinal);
    }
}
