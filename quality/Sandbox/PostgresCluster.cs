using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Etl;

namespace Quality.Sandbox;

/// <summary>A PostgreSQL data folder of ours, complete or absent: never half made.</summary>
sealed record PostgresCluster(string Data, ServerUser User, PostgresBinaries Binaries)
{
    internal const string Superuser = "quality";
    const string SettingsName = "quality.conf";

    string PasswordFile => Path.Combine(Data, "quality.password");
    internal string Log => Path.Combine(Data, "quality.log");
    internal string Pid => Path.Combine(Data, "postmaster.pid");
    internal string Settings => Path.Combine(Data, SettingsName);
    internal string Password => File.ReadAllText(PasswordFile).Trim();

    /// <summary>What a new cluster takes, so that a disk that is too small is not taken for one that was full a moment ago.</summary>
    const int NewMegabytes = 50;

    /// <summary>What pg_ctl and initdb hand to a shell as it is: such a folder could not be used, or would be executed.</summary>
    static readonly SearchValues<char> Unquoted = SearchValues.Create("\"'$`\\\n\r");

    static int attempts;

    /// <summary>Opens the cluster of a `.quality` folder, or makes it. The caller holds the folder's lock.</summary>
    internal static async Task<PostgresCluster> OpenAsync(string folder, PostgresBinaries binaries, CancellationToken ct)
    {
        var record = Path.Combine(folder, "postgres.path");
        var data = File.Exists(record) ? (await File.ReadAllTextAsync(record, ct)).Trim() : Path.Combine(folder, "postgres");
        if (File.Exists(data))
            throw new UnavailableException($"The embedded PostgreSQL keeps its data in '{data}', which is a file, not a folder. Move it away, and try again.");
        var cluster = new PostgresCluster(data, await ServerUser.ForAsync(data, ct), binaries);
        cluster.RemoveLeftovers();
        if (Directory.Exists(data))
            return cluster.Complete();

        if (!File.Exists(record) && (!OperatingSystem.IsWindows() && folder.AsSpan().ContainsAny(Unquoted) || !await cluster.User.Reaches(folder, ct)))
        {
            cluster = cluster with { Data = Elsewhere(folder) };
            await cluster.PutAsideAsync(ct);
            await File.WriteAllTextAsync(record, cluster.Data + "\n", ct);
        }
        await cluster.MakeAsync(ct);
        return cluster;
    }

    PostgresCluster Complete()
    {
        // Throws where the folder is another user's, which must not read as damage.
        var names = Directory.EnumerateFiles(Data).Select(Path.GetFileName).ToHashSet();
        foreach (string needed in (string[])["PG_VERSION", Path.GetFileName(PasswordFile)])
            if (!names.Contains(needed) || new FileInfo(Path.Combine(Data, needed)).Length == 0)
                throw new UnavailableException($"The embedded PostgreSQL's folder '{Data}' is damaged: {needed} is gone or empty. {PostgresTrouble.MoveAway(Data)}");
        return this;
    }

    /// <summary>Beside, then renamed: a killed initdb leaves nothing that looks like a cluster.</summary>
    async Task MakeAsync(CancellationToken ct)
    {
        var parent = Path.GetDirectoryName(Data)!;
        if (!Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            await User.GiveAsync(parent, ct);
        }
        if (parent.StartsWith("/var/tmp/", StringComparison.Ordinal) && !await User.Owns(parent, ct))
            throw new UnavailableException($"'{parent}' belongs to someone else: remove it, and try again.");

        // A name of its own: the initdb of a killed process may still be at work in the folder that it was given.
        string making = $"{Data}.making.{Environment.ProcessId}.{Interlocked.Increment(ref attempts)}", password = making + ".password";
        Directory.CreateDirectory(making);
        await User.GiveAsync(making, ct);
        var ours = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            ours.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new StreamWriter(password, ours))
            await file.WriteLineAsync(RandomNumberGenerator.GetHexString(32, lowercase: true).AsMemory(), ct);
        await User.GiveAsync(password, ct);

        var made = await User.RunAsync(ct, Binaries.Initdb, "--pgdata", making, "--encoding=UTF8", "--locale=C",
            "--auth=scram-sha-256", $"--username={Superuser}", $"--pwfile={password}", "--data-checksums");
        if (!made.Succeeded)
        {
            File.Delete(password);
            Directory.Delete(making, recursive: true);
            throw new UnavailableException($"PostgreSQL's initdb failed in '{parent}': {Reason(made)}. A new cluster takes about {NewMegabytes} MB. {PostgresTrouble.Advice(Reason(made), this)}");
        }
        await File.AppendAllTextAsync(Path.Combine(making, "postgresql.conf"), $"\ninclude_if_exists = '{SettingsName}'\n", ct);
        File.Move(password, Path.Combine(making, Path.GetFileName(PasswordFile)));
        Directory.Move(making, Data);
    }

    /// <summary>initdb says why first and what it tidied up last.</summary>
    static string Reason(ForeignCommand made)
    {
        var why = made.Output.Split('\n').FirstOrDefault(line => Cause(line) >= 0);
        return why is null ? made.LastLine : why[Cause(why)..].Trim();

        static int Cause(string line) => Math.Max(line.IndexOf("error:", StringComparison.Ordinal), line.IndexOf("FATAL:", StringComparison.Ordinal));
    }

    /// <summary>What half a cluster a killed process left. An initdb that still writes there keeps it: then it is removed by a later start.</summary>
    void RemoveLeftovers()
    {
        if (Path.GetDirectoryName(Data) is not { } parent || !Directory.Exists(parent))
            return;
        string name = Path.GetFileName(Data);
        foreach (string left in Directory.EnumerateFileSystemEntries(parent, name + ".making*").Append(Data + ".password").ToList())
            try
            {
                if (Directory.Exists(left))
                    Directory.Delete(left, recursive: true);
                else
                    File.Delete(left);
            }
            catch (IOException)
            {
                // In use; nothing depends on it being gone.
            }
    }

    /// <summary>
    /// A folder that lost its record (`make clean`) starts afresh, as it would with its cluster inside. But the record may be with a
    /// folder that was moved, so the cluster is put aside, where the one put aside before it gives way.
    /// </summary>
    async Task PutAsideAsync(CancellationToken ct)
    {
        if (!Directory.Exists(Data))
            return;
        if (File.Exists(Pid))
            await User.RunAsync(ct, Binaries.PgCtl, "stop", "-D", Data, "-m", "immediate", "-w");
        string aside = Data + ".before";
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);
        Directory.Move(Data, aside);
    }

    static string Elsewhere(string folder) =>
        $"/var/tmp/quality-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16]}/postgres";
}
