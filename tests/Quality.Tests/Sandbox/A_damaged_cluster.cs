using System.Diagnostics;
using System.Runtime.Versioning;

namespace Quality.Tests.Sandbox;

/// <summary>Somebody's only copy may lie there: a command names what is wrong and what to do, and touches nothing.</summary>
[UnsupportedOSPlatform("windows")]
[Trait("Category", "Long")]
public sealed class A_damaged_cluster
{
    [Theory]
    [InlineData("rm {0}/PG_VERSION", "PG_VERSION is gone or empty", "mv '{0}' '{0}.damaged'")]
    [InlineData(": > {0}/PG_VERSION", "PG_VERSION is gone or empty", "mv '{0}' '{0}.damaged'")]
    [InlineData("echo 9.6 > {0}/PG_VERSION", "was made by PostgreSQL 9.6", "QUALITY_POSTGRES_BIN")]
    [InlineData("rm {0}/quality.password", "quality.password is gone or empty", "mv '{0}' '{0}.damaged'")]
    [InlineData("echo wrong > {0}/quality.password", "password authentication failed", "mv '{0}' '{0}.damaged'")]
    [InlineData("rm {0}/global/pg_control", "pg_control", "mv '{0}' '{0}.damaged'")]
    [InlineData(": > {0}/global/pg_control", "pg_control", "mv '{0}' '{0}.damaged'")]
    [InlineData("printf garbagegarbage | dd of={0}/global/pg_control bs=1 seek=64 conv=notrunc status=none", "incorrect checksum in control file", "mv '{0}' '{0}.damaged'")]
    [InlineData("rm -r {0}/pg_wal", "pg_wal", "mv '{0}' '{0}.damaged'")]
    [InlineData("rm -r {0}/base", "does not exist", "mv '{0}' '{0}.damaged'")]
    [InlineData("chmod 755 {0}", "has invalid permissions", "chmod 700 '{0}'")]
    [InlineData("rm -r {0}; echo precious > {0}", "which is a file", "Move it away")]
    public async Task Is_named_with_what_to_do_and_left_as_it_is(string damage, string named, string advice)
    {
        using var folder = await EmbeddedFolder.UsedAsync();
        Shell(string.Format(damage, folder.Data));
        string before = Listing(folder.Data);

        string said = (await folder.RunReportAsync()).Refused(2);

        Assert.Contains(named, said);
        Assert.Contains(string.Format(advice, folder.Data), said);
        Assert.Equal(before, Listing(folder.Data));
        Assert.Empty(folder.Servers());
    }

    [Fact]
    public async Task Of_another_user_is_named_with_the_command_that_gives_it_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root can give files away");
        using var folder = await EmbeddedFolder.UsedAsync();
        string owner = Shell($"stat -c %u:%g {folder.Data}").Trim();
        Shell($"chown root:root {folder.Data}");

        string said = (await folder.RunReportAsync()).Refused(2);

        Assert.Contains("Permission denied", said);
        Assert.Contains($"chown -R {owner} '{folder.Data}'", said);
        Shell($"chown -R {owner} '{folder.Data}'");
        await folder.ReportAsync();
    }

    [Fact]
    public async Task Starts_again_when_it_was_moved_away_as_told()
    {
        using var folder = await EmbeddedFolder.UsedAsync();
        File.Delete(Path.Combine(folder.Data, "PG_VERSION"));
        string said = (await folder.RunReportAsync()).Refused(2);

        Shell(said[said.IndexOf("mv ", StringComparison.Ordinal)..said.IndexOf(';')]);
        await folder.ReportAsync();

        Assert.True(Directory.Exists(folder.Data + ".damaged"));
    }

    static string Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", command]) { RedirectStandardOutput = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return output;
    }

    /// <summary>Names, sizes and owners of what may be data: settings, log, and what a server writes for itself at each start are not.</summary>
    static string Listing(string data) => Shell($"find {data} ! -path '*/quality.*' ! -path '*/postmaster.opts' ! -path '*/pg_stat*' ! -path '*/pg_wal/*' ! -path '*/pg_logical*' ! -path '*/global/*' ! -name pg_internal.init ! -name postmaster.pid -printf '%P %y %U\n' | sort");
}
