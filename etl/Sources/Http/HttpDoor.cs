using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Etl.Sources.Http;

/// <summary>Sends requests, follows redirects by hand, and connects only where it may: what a server says of other hosts and addresses is checked.</summary>
internal sealed class HttpDoor : IDisposable
{
    const int MaxRedirects = 5;

    readonly HttpAddress address;
    readonly HttpOptions options;
    readonly HttpClient client;

    public HttpDoor(HttpAddress address, HttpOptions options)
    {
        (this.address, this.options) = (address, options);
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // each step is checked
            AutomaticDecompression = DecompressionMethods.All,
            UseCookies = false,
            UseProxy = options.UseProxy,
            ConnectTimeout = TimeSpan.FromMilliseconds(options.ConnectTimeout),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // then names are resolved again
            ConnectCallback = ConnectAsync,
        })
        { Timeout = Timeout.InfiniteTimeSpan }; // an answer may be long; each of its steps has a limit
    }

    /// <returns>The answer's headers; its body is not read.</returns>
    /// <exception cref="HttpFailure">A redirect to where we do not go.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri uri, CancellationToken cancellation)
    {
        Check(uri, "The address");
        for (int redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("quality", null));
            if (options.Token is { } token && address.IsOurs(uri))
                request.Headers.TryAddWithoutValidation(token.Header, token.Value);
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
                return response;
            var target = response.Headers.Location;
            response.Dispose();
            if (target is null)
                throw new HttpFailure($"{(int)response.StatusCode}, a redirect that does not say where to", isPassing: false);
            if (redirects == MaxRedirects)
                throw new HttpFailure($"more than {MaxRedirects} redirects, the last to {HttpAddress.Shown(new Uri(uri, target))}", isPassing: false);
            uri = new Uri(uri, target);
            Check(uri, "A redirect");
        }
    }

    /// <exception cref="HttpFailure">We do not go there.</exception>
    public void Check(Uri uri, string who)
    {
        if (address.IsOurs(uri))
            return;
        if (uri.Scheme is not ("http" or "https"))
            throw new HttpFailure($"{who} leads to '{uri.Scheme}:', which is not HTTP", isPassing: false);
        if (uri.Scheme == "http" && address.Scheme == "https")
            throw new HttpFailure($"{who} leads from https to {HttpAddress.Shown(uri)}, without encryption", isPassing: false);
        if (!options.AllowedHosts.Any(h => h.Equals(uri.Host, StringComparison.OrdinalIgnoreCase) || h.Equals(uri.Authority, StringComparison.OrdinalIgnoreCase)))
            throw new HttpFailure($"{who} leads to another host, {uri.Authority}. Allow it if that is meant", isPassing: false);
    }

    /// <summary>Resolves, checks what came of it, and connects to just that: a name may mean another address the next time.</summary>
    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var uri = context.InitialRequestMessage.RequestUri!;
        string host = context.DnsEndPoint.Host;
        IPAddress[] found = IPAddress.TryParse(host, out var literal) ? [literal] : await options.Resolve(host, cancellation);
        var allowed = IsProxy(host, uri) ? found : Array.FindAll(found, a => IsAllowed(a, address.IsOurs(uri)));
        if (found.Length > 0 && allowed.Length == 0)
            throw new HttpFailure($"'{host}' has the address {found[0]}, which is {(HostAddress.Of(found[0]) == HostAddress.Reach.LinkLocal ? "link-local or reserved" : "private")}, and such addresses are not allowed", isPassing: false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    bool IsAllowed(IPAddress target, bool isOurs) => HostAddress.Of(target) switch
    {
        HostAddress.Reach.LinkLocal => options.AllowLinkLocal,
        HostAddress.Reach.Private => isOurs || options.AllowPrivate,
        _ => true,
    };

    bool IsProxy(string host, Uri uri) => options.UseProxy && HttpClient.DefaultProxy.GetProxy(uri) is { } proxy && proxy != uri && proxy.IdnHost == host;

    public void Dispose() => client.Dispose();
}
