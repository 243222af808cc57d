using Etl.Sources;
using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

/// <summary>Names in an inbox that end as event files do and are something else.</summary>
public sealed class What_is_no_file : IDisposable
{
    readonly Inbox inbox = new() { Now = TimeSpan.FromHours(1) };

    public void Dispose() => inbox.Dispose();

    [Fact]
    public async Task A_pipe_does_not_hold_up_the_scan()
    {
        Inbox.Run("mkfifo", inbox.PathOf("pipe.json"));
        inbox.Put("a.json", "{}");
        var source = inbox.Source();
        Assert.Equal(["""{"_id":"things/a.json"}"""], await inbox.ReadAsync(source).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("'pipe.json' is skipped: not a regular file", Assert.Single(source.Effort.Remarks));
    }

    [Fact]
    public async Task A_socket_or_a_device_is_skipped()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(inbox.PathOf("s.json")));
        bool mayMakeDevices = Environment.IsPrivilegedProcess && OperatingSystem.IsLinux();
        if (mayMakeDevices)
            Inbox.Run("mknod", inbox.PathOf("zero.json"), "c", "1", "5"); // /dev/zero: it has no end
        var source = inbox.Source();
        Assert.Empty(await inbox.ReadAsync(source).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(mayMakeDevices ? "2 files" : "'s.json' is skipped", Assert.Single(source.Effort.Remarks));
        Assert.Contains("skipped: not a regular file", source.Effort.Remarks[0]);
    }

    [Fact]
    public async Task A_link_is_not_followed_wherever_it_leads()
    {
        string secret = Path.Combine(inbox.Root, "secret.txt");
        File.WriteAllText(secret, """{"password": 1}""");
        inbox.Put("a.json", "{}");
        File.CreateSymbolicLink(inbox.PathOf("out.json"), secret);
        File.CreateSymbolicLink(inbox.PathOf("in.json"), "a.json");
        File.CreateSymbolicLink(inbox.PathOf("dangling.json"), "nowhere");
        File.CreateSymbolicLink(inbox.PathOf("self.json"), "self.json");
        File.CreateSymbolicLink(inbox.PathOf("folder.json"), "/etc");
        var source = inbox.Source();
        Assert.Equal(["""{"_id":"things/a.json"}"""], await inbox.ReadAsync(source));
        string remark = Assert.Single(source.Effort.Remarks);
        Assert.Contains("5 files", remark);
        Assert.Contains("symbolic links are not followed", remark);
    }

    [Fact]
    public async Task A_link_that_takes_a_file_s_place_after_the_listing_is_not_followed()
    {
        inbox.Put("a.json", "{}");
        string secret = Path.Combine(inbox.Root, "secret.txt");
        File.WriteAllText(secret, """{"password": 1}""");
        var source = new FilesSource(inbox.Options, path =>
        {
            File.Delete(path);
            File.CreateSymbolicLink(path, secret);
            return RegularFile.Open(path);
        });
        Assert.Empty(await inbox.ReadAsync(source));
        Assert.Contains("symbolic links are not followed", Assert.Single(source.Effort.Remarks));
    }

    [Fact]
    public async Task A_folder_is_skipped()
    {
        Directory.CreateDirectory(inbox.PathOf("x.json"));
        File.WriteAllText(Path.Combine(inbox.PathOf("x.json"), "y.json"), "{}");
        var source = inbox.Source();
        Assert.Empty(await inbox.ReadAsync(source));
        Assert.Contains("'x.json' is skipped: not a regular file", Assert.Single(source.Effort.Remarks));
    }

    [Fact]
    public async Task A_file_that_vanished_since_the_listing_is_remarked()
    {
        inbox.Put("a.json", "{}");
        inbox.Put("b.json", "{}");
        var source = new FilesSource(inbox.Options, path =>
        {
            if (path.EndsWith("a.json", StringComparison.Ordinal))
                File.Delete(path);
            return RegularFile.Open(path);
        });
        Assert.Equal(["""{"_id":"things/b.json"}"""], await inbox.ReadAsync(source));
        Assert.Contains("'a.json' is gone before being read", Assert.Single(source.Effort.Remarks));
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_is_refused_and_looked_at_again()
    {
        inbox.Options = inbox.Options with { Memory = new FileMemory() };
        inbox.Put("a.json", """{"x": 1}""");
        var source = new FilesSource(inbox.Options, Locked(inbox.PathOf("a.json")));
        Assert.Contains("may not be read by this user", Assert.Single(await inbox.ReadAsync(source)));
        Inbox.Run("chmod", "400", inbox.PathOf("a.json")); // as chmod does, without a new time
        Assert.Equal(["""{"_id":"things/a.json","x":1}"""], await inbox.ReadAsync());
        Assert.Empty(await inbox.ReadAsync());
    }

    /// <summary>Permissions do not hold for root; then the system's answer is played.</summary>
    static Func<string, (Microsoft.Win32.SafeHandles.SafeFileHandle?, FileProblem)> Locked(string path)
    {
        Inbox.Run("chmod", "000", path);
        return asked => Environment.IsPrivilegedProcess && asked == path ? (null, FileProblem.Denied) : RegularFile.Open(asked);
    }

    [Fact]
    public async Task A_name_that_is_not_utf8_is_refused()
    {
        Inbox.Run("bash", "-c", $"printf '{{}}' > '{inbox.Folder}'/$'caf\\xe9.json'");
        Assert.Contains("The name is not UTF-8", Assert.Single(await inbox.ReadAsync()));
    }

    [Fact]
    public async Task A_disk_that_fails_is_an_error()
    {
        inbox.Put("a.json", "{}");
        var source = new FilesSource(inbox.Options, path =>
        {
            var (handle, problem) = RegularFile.Open(path);
            handle!.Dispose();
            return (File.OpenHandle("/proc/self/mem"), problem); // its first page cannot be read: an I/O error
        });
        var error = await Assert.ThrowsAsync<UnavailableException>(() => inbox.ReadAsync(source));
        Assert.Contains("a.json' cannot be read", error.Message);
    }
}
