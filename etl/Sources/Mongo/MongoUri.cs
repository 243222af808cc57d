namespace Etl.Sources.Mongo;

/// <summary>What may be shown of a MongoDB URI, and the mistakes that the driver lets pass.</summary>
public static class MongoUri
{
    static readonly string[] Schemes = ["mongodb://", "mongodb+srv://"];

    /// <summary>The URI without user, password and options, fit for messages, logs and the journal.</summary>
    /// <exception cref="UsageException">Not a MongoDB URI, or an '@' in the password that is not percent-encoded.</exception>
    public static string Check(string uri)
    {
        string? scheme = Array.Find(Schemes, s => uri.StartsWith(s, StringComparison.OrdinalIgnoreCase));
        if (scheme is null)
            throw new UsageException($"{Shown(uri)} is not a MongoDB URI. It begins with mongodb:// or mongodb+srv://, or is the word 'embedded'.");
        string rest = uri[scheme.Length..];
        string authority = rest.Split('/', '?')[0];
        int at = authority.LastIndexOf('@');
        // The driver takes the first '@' for the end of the password and the rest for a host: a login that fails for no visible reason.
        if (at >= 0 && authority.IndexOf('@') != at)
            throw new UsageException($"The MongoDB URI of '{authority[(at + 1)..]}' has an '@' in its user or password. Write it as %40.");
        // A '/' or '?' ends the hosts, so one in the password makes the login look like a host and the password would be shown as such.
        if (at < 0 && LooksLikeLogin(rest[authority.Length..]))
            throw new UsageException("The MongoDB URI has a '/' or '?' in its user or password. Write them as %2F and %3F.");
        string hosts = authority[(at + 1)..];
        if (hosts.Length == 0)
            throw new UsageException("The MongoDB URI names no host. Write mongodb://host[:port]/.");
        return scheme + hosts;
    }

    /// <summary>Whether an '@' stands behind the hosts where only a database or the name of an option may.</summary>
    static bool LooksLikeLogin(string behindHosts) => behindHosts.Split('=')[0].Contains('@');

    /// <summary>The scheme, if there is one: without it, what was given may well begin with a user and a password.</summary>
    static string Shown(string uri) => uri.IndexOf("://", StringComparison.Ordinal) is > 0 and var end && uri[..end].All(char.IsAsciiLetterOrDigit)
        ? $"'{uri[..end]}://…'" : "What was given (not shown, it may hold a password)";

    /// <summary>Options that name a file which must be there: the driver would fail on each connection, and say so in its log alone.</summary>
    static readonly string[] FileOptions = ["tlsCAFile", "tlsCertificateKeyFile", "tlsCRLFile", "sslCertificateAuthorityFile", "sslClientCertificateKeyFile"];

    /// <summary>Options whose values are secret.</summary>
    static readonly string[] SecretOptions = ["tlsCertificateKeyFilePassword", "tlsCertificateKeyPassword", "sslClientCertificateKeyPassword", "authMechanismProperties", "proxyPassword"];

    /// <exception cref="UsageException">A certificate file that is not there or cannot be read.</exception>
    public static void CheckFiles(string uri, string shown)
    {
        foreach (var (name, value) in OptionsOf(uri))
            if (FileOptions.Contains(name, StringComparer.OrdinalIgnoreCase))
                try
                {
                    File.OpenRead(Uri.UnescapeDataString(value)).Dispose();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
                {
                    throw new UsageException($"The {name} of '{shown}' cannot be read: {Uri.UnescapeDataString(value)} ({e.GetType().Name}). Name a PEM file.");
                }
    }

    static IEnumerable<(string Name, string Value)> OptionsOf(string uri)
    {
        int start = uri.IndexOf('?');
        foreach (string option in start < 0 ? [] : uri[(start + 1)..].Split('&', ';'))
            if (option.Split('=', 2) is [var name, var value])
                yield return (name, value);
    }

    /// <summary>Takes user and password, as written and decoded, and secret options out of a message.</summary>
    public static string Redact(string message, string uri)
    {
        foreach (var (name, value) in OptionsOf(uri))
            if (SecretOptions.Contains(name, StringComparer.OrdinalIgnoreCase))
                message = Without(message, value);
        int start = uri.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
            return message;
        string authority = uri[(start + 3)..].Split('/', '?')[0];
        int at = authority.LastIndexOf('@');
        if (at <= 0)
            return message;
        string login = authority[..at];
        message = message.Replace(login, "***", StringComparison.Ordinal);
        // The user's name is no secret, and taken out of a message by itself it would take parts of other words along.
        return login.Contains(':') ? Without(message, login[(login.IndexOf(':') + 1)..]) : message;
    }

    static string Without(string message, string secret)
    {
        foreach (string form in (string[])[secret, Uri.UnescapeDataString(secret)])
            if (form.Length > 0)
                message = message.Replace(form, "***", StringComparison.Ordinal);
        return message;
    }
}
