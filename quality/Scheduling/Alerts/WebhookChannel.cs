using System.Net.Http.Json;
using System.Text.Json;

namespace Quality.Scheduling.Alerts;

/// <summary>Posts JSON: <c>text</c>, which is all that Slack and its like read, and the same as fields.</summary>
/// <param name="url">A secret: whoever knows it can post. It is in no message.</param>
internal sealed class WebhookChannel(Uri url) : IAlertChannel, IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>A redirection would hand on to a stranger what was meant for one.</summary>
    readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Patience };

    public string Name => "webhook";

    public async Task SendAsync(AlertMessage message, CancellationToken cancellation)
    {
        try
        {
            using var answer = await client.PostAsJsonAsync(url, new
            {
                text = Escaped(message.Text),
                message.Kind,
                message.Pipeline,
                message.Step,
                message.Verdict,
                message.Reason,
                message.Advice,
                message.Chain,
                message.Run,
                message.Since,
                message.Seen,
            }, Format, cancellation);
            if (!answer.IsSuccessStatusCode)
                throw new AlertNotSentException($"The webhook at {url.Authority} answered {(int)answer.StatusCode} {answer.ReasonPhrase}.");
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new AlertNotSentException(e is HttpRequestException ? $"The webhook at {url.Authority} could not be asked: {e.Message}" : $"The webhook at {url.Authority} did not answer within {Patience.TotalSeconds} seconds.", e);
        }
    }

    /// <summary>Slack's three: what data brought along must not become a link, or call everybody in the room.</summary>
    static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    public void Dispose() => client.Dispose();
}
