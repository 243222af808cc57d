using Etl;

namespace Quality.Sandbox;

/// <summary>RabbitMQ's own start script, and Erlang's epmd, which tells the broker's node from others on the machine.</summary>
public sealed record RabbitMqBinaries(string Server, string Epmd)
{
    public const string FolderVariable = "QUALITY_RABBITMQ_BIN";

    const string Program = "rabbitmq-server";
    static readonly string[] Roots = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin", "/home/linuxbrew/.linuxbrew/opt/rabbitmq/sbin"];
    static readonly string[] ErlangRoots = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];

    /// <summary>How a user of this machine installs what was not found.</summary>
    public static string InstallCommand => OperatingSystem.IsMacOS()
        ? "brew install rabbitmq"
        : "apt-get install rabbitmq-server (`make setup` does it without leaving its service enabled; by hand, `systemctl disable --now rabbitmq-server` afterwards)";

    /// <summary>QUALITY_RABBITMQ_BIN, then where Debian and Homebrew put it, then PATH: Debian's program on PATH is a wrapper that lets only root and its own user in.</summary>
    /// <exception cref="UnavailableException">It is not installed.</exception>
    public static RabbitMqBinaries Find() => Find(Environment.GetEnvironmentVariable, Roots, ErlangRoots);

    internal static RabbitMqBinaries Find(Func<string, string?> environment, IReadOnlyList<string> roots, IReadOnlyList<string> erlangRoots)
    {
        string[] path = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (environment(FolderVariable) is { Length: > 0 } named && !File.Exists(Path.Combine(named, Program)))
            throw new UnavailableException($"{FolderVariable} is '{named}', which does not hold {Program}: correct it, or unset it to have it looked for.");
        string server = First([.. environment(FolderVariable) is { Length: > 0 } folder ? [folder] : roots.Concat(path)], Program)
            ?? throw new UnavailableException($"RabbitMQ's program {Program} is neither on PATH nor under {string.Join(", ", roots)}. "
                + $"Install it: {InstallCommand}; or set {FolderVariable}; or name a queue of a running broker in QUALITY_CRM_QUEUE.");
        string epmd = First([.. path, .. erlangRoots], "epmd")
            ?? throw new UnavailableException($"Erlang's program epmd, which {server} needs, is neither on PATH nor under {string.Join(", ", erlangRoots)}. Install it: {InstallCommand}.");
        return new(server, epmd);
    }

    static string? First(IReadOnlyList<string> folders, string program) => folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
