using System.Globalization;
using RabbitMQ.Client;

namespace Etl.Sources.RabbitMq;

/// <summary>
/// Where a queue is: <c>amqp(s)://user:password@host:port/vhost?queue=name&amp;…</c>, the AMQP URI of RabbitMQ's specification and what a reader needs besides.
/// The password is in none of its texts.
/// </summary>
public sealed record RabbitMqAddress
{
    const string Example = "amqp://user:password@host:5672/vhost?queue=name";
    const int Port = 5672, TlsPort = 5671;
    static readonly string[] Known = ["queue", "declare", "prefetch", "quiet", "heartbeat", "connection_timeout", "verify", "cacertfile"];

    public required string Host { get; init; }
    public required int PortNumber { get; init; }
    public required bool IsTls { get; init; }
    public required string User { get; init; }
    public required string VirtualHost { get; init; }

    /// <summary>Null where the address names none: then the queue is called as its dataset.</summary>
    public string? Queue { get; init; }

    public QueueDeclaration Declaration { get; init; }

    /// <summary>False: whatever certificate the broker shows is taken.</summary>
    public bool VerifiesCertificate { get; init; } = true;

    /// <summary>A PEM file of the authorities that may have signed the broker's certificate; null: the system's.</summary>
    public string? AuthorityFile { get; init; }

    internal string Password { get; init; } = "";

    /// <summary>For people: no user, no password.</summary>
    public override string ToString() => $"{(IsTls ? "amqps" : "amqp")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{PortNumber}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}";

    /// <summary>A connection of one's own, for those who write.</summary>
    /// <exception cref="UnavailableException">The broker cannot be reached or refuses us.</exception>
    public async Task<IConnection> ConnectAsync(RabbitMqOptions options, CancellationToken cancellation)
    {
        try
        {
            return await new RabbitMqConnector(this, options).TryAsync(1, wasThere: false, _ => { }, (connection, _) => Task.FromResult(connection), cancellation);
        }
        catch (Exception e) when (RabbitMqFailures.IsOfTheWire(e))
        {
            throw RabbitMqFailures.Explain(e, this, Queue ?? "");
        }
    }

    /// <param name="options">In and out: what the address says of limits goes over it.</param>
    /// <exception cref="UsageException">Everything that is wrong with it; never with the password.</exception>
    public static RabbitMqAddress Parse(string text, ref RabbitMqOptions options)
    {
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
            throw new UsageException($"The queue's address is not of the form {Example}. (It is not shown, as it may hold a password; percent-encode what is no letter or digit in it.)");
        var errors = new List<string>();
        var query = Query(uri, errors);
        bool tls = uri.Scheme == "amqps";
        string[] login = uri.UserInfo.Split(':', 2);
        string path = uri.AbsolutePath.TrimStart('/');
        if (path.Contains('/'))
            errors.Add($"the path '/{path}' has more than one part: it is the virtual host, whose slashes are written %2F; the queue is named by ?queue=…");
        if (uri.Fragment.Length > 0)
            errors.Add("a '#' begins what no broker is told: write %23");

        var address = new RabbitMqAddress
        {
            Host = uri.Host.Trim('[', ']'),
            PortNumber = uri.Port > 0 ? uri.Port : tls ? TlsPort : Port,
            IsTls = tls,
            User = login[0].Length == 0 ? "guest" : Uri.UnescapeDataString(login[0]),
            Password = login is [_, var password] ? Uri.UnescapeDataString(password) : login[0].Length == 0 ? "guest" : "",
            VirtualHost = path.Length == 0 ? "/" : Uri.UnescapeDataString(path),
            Queue = query.GetValueOrDefault("queue"),
            Declaration = One("declare", QueueDeclaration.Passive, ("passive", QueueDeclaration.Passive), ("classic", QueueDeclaration.Classic), ("quorum", QueueDeclaration.Quorum)),
            VerifiesCertificate = One("verify", true, ("verify_peer", true), ("verify_none", false)),
            AuthorityFile = query.GetValueOrDefault("cacertfile"),
        };
        options = options with
        {
            Prefetch = Number("prefetch", options.Prefetch),
            Quiet = Number("quiet", options.Quiet),
            Heartbeat = Number("heartbeat", options.Heartbeat),
            ConnectTimeout = Number("connection_timeout", options.ConnectTimeout),
        };
        if (address.AuthorityFile is { } file && !File.Exists(file))
            errors.Add($"cacertfile '{file}' does not exist");
        if (!tls && (query.ContainsKey("verify") || query.ContainsKey("cacertfile")))
            errors.Add("verify and cacertfile are for amqps://");
        if (errors.Count > 0)
            throw new UsageException($"The queue's address {address}: {string.Join("; ", errors)}.");
        options = options.Checked();
        return address;

        T One<T>(string name, T preset, params (string Word, T Value)[] choices)
        {
            if (!query.TryGetValue(name, out string? word))
                return preset;
            foreach (var choice in choices)
                if (choice.Word == word)
                    return choice.Value;
            errors.Add($"{name} is '{word}', allowed: {string.Join(", ", choices.Select(c => c.Word))}");
            return preset;
        }

        int Number(string name, int preset)
        {
            if (!query.TryGetValue(name, out string? word))
                return preset;
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                return number;
            errors.Add($"{name} is '{word}', which is no whole number");
            return preset;
        }
    }

    static Dictionary<string, string> Query(Uri uri, List<string> errors)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=', 2);
            string name = Uri.UnescapeDataString(pair[0]);
            if (!Known.Contains(name))
                errors.Add($"there is no '{name}'.{Contracts.Names.DidYouMean(name, Known)}");
            else if (pair.Length == 1 || pair[1].Length == 0)
                errors.Add($"{name} has no value");
            else if (!query.TryAdd(name, Uri.UnescapeDataString(pair[1])))
                errors.Add($"{name} stands twice");
        }
        return query;
    }
}
