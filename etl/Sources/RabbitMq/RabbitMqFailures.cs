using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client.Exceptions;

namespace Etl.Sources.RabbitMq;

/// <summary>Says what a failure of RabbitMQ means to a person, and whether it passes.</summary>
internal static class RabbitMqFailures
{
    const ushort AccessRefused = 403, NotFound = 404, ResourceLocked = 405, PreconditionFailed = 406, ConnectionForced = 320, InternalError = 541, ResourceError = 506;

    /// <summary>The AMQP reply code in a failure; 0 where the broker gave none.</summary>
    public static ushort Code(Exception e) => Chain(e).OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason?.ReplyCode ?? 0;

    /// <summary>A lost connection, a broker that restarts: the same again may work.</summary>
    public static bool IsPassing(Exception e) => e is not (UnavailableException or UsageException or OperationCanceledException or ObjectDisposedException)
        && !IsRefusedLogin(e) && !IsUntrusted(e)
        && (Code(e) is var code && (code is ConnectionForced or InternalError or ResourceError || code is 0 or 200 && IsOfTheWire(e)));

    public static bool IsMissingQueue(Exception e) => Code(e) == NotFound && Text(e).Contains("no queue", StringComparison.Ordinal);

    /// <summary>Whether it comes from the broker, the network or the client, and not from a mistake of ours.</summary>
    public static bool IsOfTheWire(Exception e) => Chain(e).Any(f => f is RabbitMQClientException or SocketException or IOException or TimeoutException or AuthenticationException);

    public static UnavailableException Explain(Exception e, RabbitMqAddress address, string queue) => e as UnavailableException ?? new UnavailableException(Code(e) switch
    {
        NotFound when IsMissingQueue(e) => MissingQueue(address, queue),
        PreconditionFailed => $"The queue '{queue}' at {address} exists with other arguments than declare={address.Declaration.ToString().ToLowerInvariant()} asks for: {Text(e)}. Leave 'declare' out of the address to read it as it is.",
        ResourceLocked => $"The queue '{queue}' at {address} is exclusive to another connection: {Text(e)}. End that one, or read another queue.",
        AccessRefused when !IsRefusedLogin(e) => $"RabbitMQ at {address} does not let user '{address.User}' read '{queue}': {Text(e)}. If another consumer has it to itself, end that one; else grant the right: rabbitmqctl set_permissions.",
        _ when IsRefusedLogin(e) => $"RabbitMQ at {address} refused the login of user '{address.User}': check user, password and virtual host '{address.VirtualHost}' of the address.",
        _ when IsUntrusted(e) => $"RabbitMQ at {address} cannot be reached over TLS: {Text(e)}. Check cacertfile (who signed the broker's certificate) and the host's name (it must stand in the certificate).",
        var code when code is not (0 or 200) => $"RabbitMQ at {address} answered with error {code}: {Text(e)}.",
        _ when Chain(e).OfType<SocketException>().Any(s => s.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData) =>
            $"RabbitMQ at {address} cannot be found: {Text(e)}. Check the host's name and the DNS.",
        _ => $"RabbitMQ at {address} cannot be reached: {Text(e)}. Check the address, and that the broker runs.",
    }, e);

    public static string MissingQueue(RabbitMqAddress address, string queue) =>
        $"The queue '{queue}' does not exist at {address} (a broker does not list its queues to a reader, so no near name can be given). "
        + "Let its publisher make it, or add declare=quorum (or classic) to the address to have it made here, durable; another name is given by ?queue=….";

    /// <summary>No such user, a wrong password, or a virtual host that is not there or not the user's.</summary>
    static bool IsRefusedLogin(Exception e) => Chain(e).Any(f => f is AuthenticationFailureException or PossibleAuthenticationFailureException)
        || Code(e) == 530 && Text(e).Contains("vhost", StringComparison.Ordinal);

    static bool IsUntrusted(Exception e) => Chain(e).Any(f => f is AuthenticationException);

    /// <summary>The innermost message that says something, in one line, without its last full stop.</summary>
    public static string Text(Exception e)
    {
        string text = Chain(e).OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason?.ReplyText ?? Chain(e).Last().Message;
        return text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
    }

    static IEnumerable<Exception> Chain(Exception e)
    {
        for (Exception? at = e; at is not null; at = at is AggregateException { InnerExceptions: [.., var last] } ? last : at.InnerException)
            yield return at;
    }
}
