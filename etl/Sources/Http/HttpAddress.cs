using System.Globalization;
using Etl.Contracts;

namespace Etl.Sources.Http;

/// <summary>The URL of an API: checked once, then made into the address of each part; shown without what may be secret.</summary>
internal sealed class HttpAddress
{
    const string Dataset = "{dataset}", Date = "{date}";

    readonly HttpOptions options;
    readonly Uri template;

    /// <exception cref="UsageException">Not a URL that can be asked, or days that nobody named.</exception>
    public HttpAddress(HttpOptions options)
    {
        this.options = options;
        if (IsFolder(options.Url))
        {
            template = new Uri("file:///");
            return;
        }
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new UsageException($"{Begin(options.Url)} is not the URL of an API. It begins with https://, http:// or file: and a folder of day files.");
        if (uri.UserInfo.Length > 0)
            throw new UsageException($"The URL of '{uri.Host}' has a user or password in it. Take them out and give the secret as a token.");
        if (options.ByDay && (options.From is null || options.To is null))
            throw new UsageException($"Which days of {Shown(uri)}? Say --from YYYY-MM-DD and --to YYYY-MM-DD; both are included.");
        template = uri;
    }

    /// <summary>What was given may well be a secret in the wrong place.</summary>
    static string Begin(string url) => url.IndexOf("://", StringComparison.Ordinal) is > 0 and var end ? $"'{url[..end]}://…'" : "What was given (not shown, it may hold a secret)";

    public static bool IsFolder(string url) => url.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    public string Authority => template.Authority;

    public string Scheme => template.Scheme;

    public bool IsLoopback => template.IsLoopback;

    /// <summary>For people: without query.</summary>
    public string Name => Shown(template);

    public Uri Of(Dataset dataset, HttpPart part)
    {
        string url = options.Url.Replace(Dataset, Uri.EscapeDataString(dataset.SourceName), StringComparison.Ordinal);
        if (part.Day is not { } day)
            return First(new Uri(url));
        string date = day.ToString("O", CultureInfo.InvariantCulture);
        return First(url.Contains(Date, StringComparison.Ordinal) ? new Uri(url.Replace(Date, date, StringComparison.Ordinal)) : With(new Uri(url), options.DateParameter, date));
    }

    Uri First(Uri uri) => options.Paging is HttpPaging.ByNumber pages ? With(uri, pages.Parameter, pages.First.ToString(CultureInfo.InvariantCulture)) : uri;

    /// <summary>The URL with a parameter of its query set.</summary>
    public static Uri With(Uri uri, string name, string value)
    {
        string escaped = Uri.EscapeDataString(name);
        var others = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => p.Split('=')[0] != escaped);
        return new UriBuilder(uri) { Query = string.Join('&', others.Append($"{escaped}={Uri.EscapeDataString(value)}")) }.Uri;
    }

    public static string Shown(Uri uri) => uri.GetLeftPart(UriPartial.Path);

    /// <summary>Same scheme, host and port.</summary>
    public bool IsOurs(Uri uri) => uri.Scheme == template.Scheme && uri.Authority.Equals(template.Authority, StringComparison.OrdinalIgnoreCase);
}
