using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Polly;
using Polly.Retry;
using RabbitMQ.Client;

namespace Etl.Sources.RabbitMq;

/// <summary>Opens connections to a broker; one that is refused for a reason that passes is tried again.</summary>
internal sealed class RabbitMqConnector
{
    /// <summary>RabbitMQ's own upper limit on a message. A larger limit of the broker than ours would end the connection at that message, again and again.</summary>
    const uint LargestMessage = 512 * 1024 * 1024;

    readonly ConnectionFactory factory;
    readonly Retries retries;

    public RabbitMqConnector(RabbitMqAddress address, RabbitMqOptions options)
    {
        (Address, retries) = (address, new Retries(options.FirstPause, options.LongestPause, options.Seed, options.Time));
        var patience = TimeSpan.FromMilliseconds(options.ConnectTimeout);
        factory = new ConnectionFactory
        {
            HostName = address.Host,
            Port = address.PortNumber,
            UserName = address.User,
            Password = address.Password,
            VirtualHost = address.VirtualHost,
            ClientProvidedName = "quality",
            // What a lost connection had handed out comes again under other tags: recovering behind our back would mix them up.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            ConsumerDispatchConcurrency = 1,
            RequestedHeartbeat = TimeSpan.FromSeconds(options.Heartbeat),
            RequestedConnectionTimeout = patience,
            HandshakeContinuationTimeout = patience,
            ContinuationTimeout = patience,
            MaxInboundMessageBodySize = LargestMessage,
        };
        if (address.IsTls)
            factory.Ssl = Tls(address);
    }

    public RabbitMqAddress Address { get; }

    /// <param name="attempts">In a row.</param>
    /// <param name="wasThere">The queue was read before: a broker that starts again listens before it has its queues back.</param>
    /// <param name="failed">Told of each attempt that failed for a reason that passes.</param>
    /// <exception cref="Exception">The last attempt's, as the client gave it.</exception>
    public async Task<T> TryAsync<T>(int attempts, bool wasThere, Action<Exception> failed, Func<IConnection, CancellationToken, Task<T>> open, CancellationToken cancellation)
    {
        var pipeline = retries.Of(attempts, new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(e => RabbitMqFailures.IsPassing(e) || (wasThere && RabbitMqFailures.IsMissingQueue(e))),
            OnRetry = retry =>
            {
                failed(retry.Outcome.Exception!);
                return ValueTask.CompletedTask;
            },
        });
        return await pipeline.ExecuteAsync(async token =>
        {
            var connection = await InTimeAsync(() => factory.CreateConnectionAsync(token), token);
            try
            {
                return await InTimeAsync(() => open(connection, token), token);
            }
            catch
            {
                await CloseAsync(connection);
                throw;
            }
        }, cancellation);
    }

    /// <summary>The client gives up waiting for an answer as if it had been cancelled; nobody cancelled it.</summary>
    public static async Task<T> InTimeAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask();
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("the broker did not answer in time", e);
        }
    }

    /// <summary>Says goodbye, so that the broker has handled everything sent before; one that does not answer is left.</summary>
    public static async Task CloseAsync(IConnection connection)
    {
        try
        {
            if (connection.IsOpen)
                await connection.CloseAsync(200, "Goodbye", TimeSpan.FromSeconds(5), abort: true, CancellationToken.None);
        }
        catch (Exception e) when (RabbitMqFailures.IsOfTheWire(e))
        {
            // Gone already. What it had not acknowledged is handed out again.
        }
        await connection.DisposeAsync();
    }

    static SslOption Tls(RabbitMqAddress address)
    {
        var option = new SslOption(address.Host, enabled: true) { Version = System.Security.Authentication.SslProtocols.None };
        if (!address.VerifiesCertificate)
            option.AcceptablePolicyErrors = SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable;
        else if (address.AuthorityFile is { } file)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            option.CertificateValidationCallback = (_, certificate, _, errors) =>
            {
                if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
                    return false;
                using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
                chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
                using var shown = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                return chain.Build(shown);
            };
        }
        return option;
    }
}
