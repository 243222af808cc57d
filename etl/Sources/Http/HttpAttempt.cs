using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Etl.Documents;

namespace Etl.Sources.Http;

/// <summary>One attempt at a part: its requests, with their limits of time and size. Says what went wrong in its own words.</summary>
internal sealed class HttpAttempt(HttpDoor door, HttpOptions options, CancellationToken cancellation) : IDisposable
{
    /// <summary>Of a body that is an error's: what it says is at its beginning.</summary>
    const int KeptOfBody = 64 * 1024, ShownOfBody = 200;

    readonly CancellationTokenSource watch = new(Timeout.InfiniteTimeSpan, options.Time);
    readonly long began = options.Time.GetTimestamp();
    readonly byte[] beginning = new byte[512];
    HttpResponseMessage? response;
    Stream? body;
    string waiting = "";
    long read, readOfBody;

    /// <summary>The next page, as the header Link says.</summary>
    public Uri? Next { get; private set; }

    /// <summary>Asks for a page; its body is then read by <see cref="ReadAsync"/>.</summary>
    /// <returns>False where the answer says that there are no events.</returns>
    /// <exception cref="HttpFailure">Any other answer than a list.</exception>
    public Task<bool> AskAsync(Uri uri, HttpPart part) => SaidAsync(async token =>
    {
        Close();
        Watch(options.AnswerTimeout, "no answer");
        if (uri.IsFile)
        {
            (body, bool isEvents) = await DayFiles.OpenAsync(uri.LocalPath, token);
            return isEvents || IsWithoutEvents(await BodyAsync(token)) ? isEvents : throw new HttpFailure($"a file that is no list: {Beginning()}", isPassing: false);
        }
        response = await door.SendAsync(uri, token);
        body = await response.Content.ReadAsStreamAsync(token);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            Next = LinkTo(uri, response);
            return true;
        }
        string text = await BodyAsync(token);
        return IsWithoutEvents(text) ? false : throw Refusal(response, text);
    });

    /// <summary>Reads the body of the page that was asked for.</summary>
    /// <exception cref="HttpFailure">It broke off, stands still, or is too large.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken _ = default)
    {
        Watch(options.SilenceTimeout, "a body that stood still");
        int count = await SaidAsync(async token => await body!.ReadAsync(buffer, token));
        if (readOfBody < beginning.Length)
            buffer.Span[..(int)Math.Min(count, beginning.Length - readOfBody)].CopyTo(beginning.AsSpan((int)readOfBody));
        readOfBody += count;
        read += count;
        if (read > options.MaxDayBytes)
            throw new HttpFailure($"more than {options.MaxDayBytes:N0} bytes, the limit of a day", isPassing: false);
        return count;
    }

    /// <summary>A body that is not the list which was expected.</summary>
    public HttpFailure NoList(JsonListException e) => e.IsCut
        ? new HttpFailure($"the body broke off after {readOfBody:N0} bytes: {e.Problem}", isPassing: true, e)
        : new HttpFailure($"200, but its body is not a list: {e.Problem} at byte {e.Offset:N0}; {Beginning()}", isPassing: false, e);

    string Beginning() => Shown(Encoding.UTF8.GetString(beginning.AsSpan(0, (int)Math.Min(readOfBody, beginning.Length))));

    /// <summary>What a body says, or that it is a page for people.</summary>
    string Shown(string text)
    {
        string line = string.Join(' ', new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        line = ShownText.Clip(options.Token?.Redact(line) ?? line, ShownOfBody);
        return line.Length == 0 ? "the body is empty" : line[0] == '<' ? $"the body is an HTML page: '{line}'" : $"the body begins with '{line}'";
    }

    HttpFailure Refusal(HttpResponseMessage answer, string text)
    {
        int status = (int)answer.StatusCode;
        string what = $"{status} {answer.ReasonPhrase}".TrimEnd();
        if (status is 401 or 403)
            return new HttpFailure($"{what}: {(options.Token is { } token ? $"the API refuses the token of {token.Origin} (header {token.Header})" : "the API wants a token, and none is set")}; {Shown(text)}", isPassing: false);
        var after = answer.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - options.Time.GetUtcNow() : null;
        bool passes = status is 408 or 425 or 429 or >= 500;
        if (passes && after > TimeSpan.FromMilliseconds(options.LongestRetryAfter))
            return new HttpFailure($"{what}: it asks to wait {after.Value.TotalSeconds:N0} s, more than the limit of {options.LongestRetryAfter / 1000:N0} s", isPassing: false);
        return new HttpFailure($"{what}; {Shown(text)}", passes) { RetryAfter = after < TimeSpan.Zero ? TimeSpan.Zero : after };
    }

    bool IsWithoutEvents(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return options.NoEventsDetail.Length > 0 && json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String && detail.GetString()!.Trim() == options.NoEventsDetail;
        }
        catch (JsonException)
        {
            return false; // an error page: its status says what it is
        }
    }

    async Task<string> BodyAsync(CancellationToken token)
    {
        byte[] text = new byte[KeptOfBody];
        int length = 0;
        for (int count; length < text.Length && (count = await ReadAsync(text.AsMemory(length), token)) > 0; length += count)
        {
        }
        return Encoding.UTF8.GetString(text, 0, length);
    }

    static Uri? LinkTo(Uri uri, HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Link", out var values))
            return null;
        foreach (string link in values.SelectMany(v => v.Split(", <")))
            if (link.Split(';') is [var target, .. var parameters] && parameters.Any(p => p.Trim().Replace("\"", "") is "rel=next"))
                return new Uri(uri, target.Trim().TrimStart('<').TrimEnd('>'));
        return null;
    }

    void Watch(int milliseconds, string what)
    {
        waiting = $"{what} for {milliseconds / 1000.0:0.###} s";
        var left = TimeSpan.FromMilliseconds(options.DayTimeout) - options.Time.GetElapsedTime(began);
        if (left < TimeSpan.FromMilliseconds(milliseconds))
            (waiting, milliseconds) = ($"not at an end after {options.DayTimeout / 1000.0:0.###} s", Math.Max(0, (int)left.TotalMilliseconds));
        watch.CancelAfter(milliseconds);
    }

    async Task<T> SaidAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, watch.Token);
        try
        {
            return await work(both.Token);
        }
        catch (Exception e) when (e is not HttpFailure and not UnavailableException && !cancellation.IsCancellationRequested)
        {
            throw Said(e);
        }
    }

    Exception Said(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
            if (cause is HttpFailure failure)
                return failure;
            else if (cause is OperationCanceledException or TimeoutException)
                return new HttpFailure(watch.IsCancellationRequested ? waiting : $"no connection within {options.ConnectTimeout / 1000.0:0.###} s", isPassing: true, e) { TimedOut = true };
            else if (cause is SocketException { SocketErrorCode: SocketError.HostNotFound } unknown)
                return new HttpFailure($"no such host ({unknown.Message})", isPassing: false, e);
            else if (cause is AuthenticationException untrusted)
                return new HttpFailure($"the server's certificate is not trusted: {untrusted.Message}", isPassing: false, e);
        string reason = (e.InnerException ?? e).Message;
        return e is HttpRequestException { HttpRequestError: not HttpRequestError.ResponseEnded }
            ? new HttpFailure($"no answer: {reason}", isPassing: true, e)
            : e is IOException or InvalidDataException or HttpRequestException
                ? new HttpFailure(readOfBody > 0 ? $"the body broke off after {readOfBody:N0} bytes: {reason}" : $"the answer broke off: {reason}", isPassing: true, e)
                : e;
    }

    void Close()
    {
        body?.Dispose();
        response?.Dispose();
        (body, response, readOfBody, Next) = (null, null, 0, null);
    }

    public void Dispose()
    {
        Close();
        watch.Dispose();
    }
}
