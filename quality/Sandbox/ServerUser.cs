using Etl;

namespace Quality.Sandbox;

/// <summary>As whom PostgreSQL runs: ourselves, or, since it refuses root, another user when we are root.</summary>
/// <param name="Id">"uid:gid", or null for ourselves.</param>
sealed record ServerUser(string? Id)
{
    static readonly string[] Preferred = ["postgres", "nobody"];

    /// <summary>Whoever owns the cluster already there; a new one belongs to `postgres` if that user exists, else to `nobody`.</summary>
    internal static async Task<ServerUser> ForAsync(string data, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return new((string?)null);
        if (Directory.Exists(data) && await OwnerAsync(data, ct) is var owner && owner != "0:0")
            return new(owner);
        var users = (await File.ReadAllLinesAsync("/etc/passwd", ct)).Select(line => line.Split(':')).Where(user => user.Length > 3).ToList();
        var chosen = Preferred.Select(name => users.FirstOrDefault(user => user[0] == name)).FirstOrDefault(user => user is not null)
            ?? throw new UnavailableException("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`: run as an ordinary user.");
        return new($"{chosen[2]}:{chosen[3]}");
    }

    internal Task<ForeignCommand> RunAsync(CancellationToken ct, params string[] command) => ForeignCommand.RunAsync(
        Id is null ? command : ["setpriv", $"--reuid={Id.Split(':')[0]}", $"--regid={Id.Split(':')[1]}", "--clear-groups", "--", .. command], ct);

    internal async Task GiveAsync(string path, CancellationToken ct)
    {
        if (Id is not null && await ForeignCommand.RunAsync(["chown", Id, path], ct) is { Succeeded: false } refused)
            throw new UnavailableException($"'{path}' cannot be given to PostgreSQL's user {Id}: {refused.LastLine}. Run as an ordinary user.");
    }

    /// <summary>False where a parent folder lets only its owner through.</summary>
    internal async Task<bool> Reaches(string path, CancellationToken ct) =>
        Id is null || (await RunAsync(ct, "test", "-x", path)).Succeeded;

    internal async Task<bool> Owns(string path, CancellationToken ct) => Id is null || await OwnerAsync(path, ct) == Id;

    static async Task<string> OwnerAsync(string path, CancellationToken ct) =>
        (await ForeignCommand.RunAsync(["stat", "-c", "%u:%g", path], ct)).LastLine;
}
