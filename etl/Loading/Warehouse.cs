using System.Net.Sockets;
using Npgsql;

namespace Etl.Loading;

/// <summary>The PostgreSQL that is loaded and judged.</summary>
public sealed class Warehouse : IAsyncDisposable
{
    const int ConnectSeconds = 10;

    /// <summary>Those of a batch's books, a few times over: parsed and planned once a connection.</summary>
    const int PreparedStatements = 30;

    readonly NpgsqlDataSource source;
    readonly string address;

    /// <param name="connection">A URI (postgres://user:password@host:port/database) or an Npgsql connection string.</param>
    /// <exception cref="UsageException">Neither of them.</exception>
    public Warehouse(string connection)
    {
        var settings = Parse(connection);
        settings.ApplicationName ??= "quality";
        settings.CommandTimeout = 0; // a merge takes as long as it takes; Ctrl-C ends it
        if (!settings.ShouldSerialize("Max Auto Prepare"))
            settings.MaxAutoPrepare = PreparedStatements;
        if (!settings.ShouldSerialize("Timeout"))
            settings.Timeout = ConnectSeconds;
        address = $"{settings.Host}:{settings.Port}/{settings.Database}";
        ConnectionString = settings.ConnectionString;
        source = NpgsqlDataSource.Create(settings);
    }

    /// <summary>For Npgsql; holds the password, so it is not for output.</summary>
    public string ConnectionString { get; }

    /// <summary>Host, port and database, without secrets.</summary>
    public override string ToString() => $"postgresql at {address}";

    /// <exception cref="UnavailableException">It cannot be reached, or refuses us.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return await source.OpenConnectionAsync(cancellation);
        }
        catch (NpgsqlException e)
        {
            throw new UnavailableException(WhyNotOpened(e), e);
        }
    }

    /// <summary>Connects, and brings schema quality to its newest form.</summary>
    /// <exception cref="UnavailableException">It cannot be reached, or refuses us.</exception>
    public async Task<NpgsqlConnection> OpenJournalAsync(TimeProvider time, CancellationToken cancellation)
    {
        var connection = await OpenAsync(cancellation);
        try
        {
            await Migrator.ApplyAsync(connection, time, cancellation);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is NpgsqlException failure)
                throw Explain(failure);
            throw;
        }
    }

    string WhyNotOpened(NpgsqlException e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            $"PostgreSQL at {address} refused the login: {refused.MessageText}. Check user and password of the warehouse.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing =>
            $"PostgreSQL at {address}: {missing.MessageText}. Create the database, or name another.",
        PostgresException server => $"PostgreSQL at {address} refused the connection: {server.MessageText} ({server.SqlState}).",
        { InnerException: SocketException or TimeoutException } => $"PostgreSQL at {address} cannot be reached: {e.InnerException.Message}. Check the address, and that the server runs.",
        _ => $"PostgreSQL at {address} cannot be used: {e.Message}",
    };

    /// <summary>An error in the midst of work, as a named failure: what was not committed is rolled back, and the next run goes on.</summary>
    public UnavailableException Explain(NpgsqlException e) => new(e is PostgresException server
        ? $"PostgreSQL at {address} refused a statement: {server.MessageText} ({server.SqlState}). What was not committed is rolled back; run again when this is mended."
        : $"PostgreSQL at {address} was lost in the midst of work: {(e.InnerException ?? e).Message} What was not committed is rolled back; run again to go on.", e);

    static NpgsqlConnectionStringBuilder Parse(string connection)
    {
        try
        {
            var settings = connection.Contains("://", StringComparison.Ordinal) ? FromUri(connection) : new NpgsqlConnectionStringBuilder(connection);
            if (string.IsNullOrEmpty(settings.Host))
                throw new UsageException("The warehouse's connection names no host. " + Forms);
            // 'host=a password=b', as libpq writes it, reads here as a host of that name, which every message would show.
            if (settings.Host.Any(c => c is '=' || char.IsWhiteSpace(c)))
                throw new UsageException("The warehouse's connection names a host with spaces or '=' in it (not shown, it may hold a password). Settings are separated by ';', not by spaces. " + Forms);
            return settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Npgsql names the keyword, not its value; the text itself may hold a password and is not repeated.
            throw new UsageException($"The warehouse's connection cannot be read: {e.Message.Split('\n')[0]} {Forms}", e);
        }
    }

    const string Forms = "Write postgres://user:password@host:port/database, or 'Host=…;Username=…;Password=…;Database=…', or the word 'embedded'.";

    static NpgsqlConnectionStringBuilder FromUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql"))
            throw new UsageException($"'{text.Split("://")[0]}://…' is not a PostgreSQL URI. {Forms}");
        string[] login = uri.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = Uri.UnescapeDataString(uri.Host.Trim('[', ']')),
            Port = uri.Port > 0 ? uri.Port : 5432,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
        };
        if (login[0].Length > 0)
            settings.Username = Uri.UnescapeDataString(login[0]);
        if (login.Length == 2)
            settings.Password = Uri.UnescapeDataString(login[1]);
        foreach (string option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = option.Split('=', 2);
            string name = pair[0] switch { "sslmode" => "SSL Mode", "application_name" => "Application Name", "connect_timeout" => "Timeout", var other => other };
            settings[name] = Uri.UnescapeDataString(pair.Length == 2 ? pair[1] : "").Replace("-", "", StringComparison.Ordinal);
        }
        return settings;
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
