using System.ComponentModel.DataAnnotations;
using System.Net;
using Etl.Documents;

namespace Etl.Sources.Http;

/// <summary>Where an API is, how it is asked, and the limits of reading from it.</summary>
public sealed record HttpOptions
{
    /// <summary>
    /// <c>https://…</c>, or <c>file:</c> and a folder of day files. <c>{dataset}</c> and <c>{date}</c> stand for the dataset's name in the
    /// source and the day; where there is no <c>{date}</c>, the day is put into the query.
    /// </summary>
    public required string Url { get; init; }

    /// <summary>Whether each request asks for one UTC day; otherwise the API has one list.</summary>
    /// <value>Default: true.</value>
    public bool ByDay { get; init; } = true;

    /// <summary>The first day; null only for day files: their first.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day, which is included; null only for day files: their last.</summary>
    public DateOnly? To { get; init; }

    /// <value>Default: <c>date</c>.</value>
    public string DateParameter { get; init; } = "date";

    /// <summary>The secret that is sent to the URL's own host, and to no other.</summary>
    public HttpToken? Token { get; init; }

    /// <summary>The member of the answer that holds the list; null: the answer is the list.</summary>
    public string? Member { get; init; }

    /// <value>Default: null, an answer is whole.</value>
    public HttpPaging? Paging { get; init; }

    /// <summary>What <c>detail</c> says, in a body of another status than 200, where a day is without events; empty: no answer says so.</summary>
    public string NoEventsDetail { get; init; } = "No event found for date";

    /// <summary>Days fetched at the same time, whoever asks.</summary>
    /// <value>Days. Default: 4.</value>
    [Range(1, 64)]
    public int ParallelDays { get; init; } = 4;

    /// <summary>How often a day is asked for that fails for a reason that passes.</summary>
    /// <value>Times. Default: 6.</value>
    [Range(1, 100)]
    public int Attempts { get; init; } = 6;

    /// <summary>The pause before the second attempt; it doubles with each, and a random part of it is taken off or added.</summary>
    /// <value>Milliseconds. Default: 500.</value>
    [Range(1, 60_000)]
    public int FirstPause { get; init; } = 500;

    /// <value>Milliseconds. Default: 30,000.</value>
    [Range(1, 600_000)]
    public int LongestPause { get; init; } = 30_000;

    /// <summary>The longest wait that a server may ask for by Retry-After; who asks for more is given up.</summary>
    /// <value>Milliseconds. Default: 600,000.</value>
    [Range(0, 86_400_000)]
    public int LongestRetryAfter { get; init; } = 600_000;

    /// <value>Milliseconds. Default: 10,000.</value>
    [Range(100, 600_000)]
    public int ConnectTimeout { get; init; } = 10_000;

    /// <summary>How long a server may take to begin its answer.</summary>
    /// <value>Milliseconds. Default: 120,000.</value>
    [Range(50, 3_600_000)]
    public int AnswerTimeout { get; init; } = 120_000;

    /// <summary>How long a body may stand still.</summary>
    /// <value>Milliseconds. Default: 60,000.</value>
    [Range(50, 3_600_000)]
    public int SilenceTimeout { get; init; } = 60_000;

    /// <summary>How long one attempt at a day may take, a body that drips included.</summary>
    /// <value>Milliseconds. Default: 3,600,000.</value>
    [Range(100, 86_400_000)]
    public int DayTimeout { get; init; } = 3_600_000;

    /// <summary>The largest day, unpacked: a small body may unpack to any size.</summary>
    /// <value>Bytes. Default: 64 GiB.</value>
    [Range(1, long.MaxValue)]
    public long MaxDayBytes { get; init; } = 64L << 30;

    /// <summary>The largest element; a larger one is refused by its size.</summary>
    /// <value>Bytes. Default: 16 MiB.</value>
    [Range(1, Bson.MaxDocumentSize)]
    public int MaxElementBytes { get; init; } = Bson.MaxDocumentSize;

    /// <summary>A guard against pages without an end.</summary>
    /// <value>Pages of a day. Default: 100,000.</value>
    [Range(1, 10_000_000)]
    public int MaxPages { get; init; } = 100_000;

    /// <summary>Other hosts than the URL's that redirects and links may lead to: <c>files.example.net</c>, or with a port.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Whether such hosts may have private addresses. The URL's own host may.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Whether any host may have a link-local address, where clouds keep their secrets (169.254.169.254).</summary>
    public bool AllowLinkLocal { get; init; }

    /// <summary>Whether the proxy that the environment names is used. Then it is the proxy who resolves names, and addresses go unchecked.</summary>
    /// <value>Default: true.</value>
    public bool UseProxy { get; init; } = true;

    /// <summary>Where a day is kept while it is handed out, if it is large: readable by this user alone, and gone with the process.</summary>
    /// <value>Default: the system's folder for temporary files.</value>
    public string SpoolFolder { get; init; } = Path.GetTempPath();

    /// <summary>Of the random part of pauses.</summary>
    /// <value>Default: 1.</value>
    public int Seed { get; init; } = 1;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Addresses of a host; tests have names of their own.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <exception cref="UsageException">Everything that is out of its range.</exception>
    internal HttpOptions Checked() => OptionRanges.Check(this, "HTTP", From > To ? [$"The first day, {From:yyyy-MM-dd}, is after the last, {To:yyyy-MM-dd}."] : []);
}
