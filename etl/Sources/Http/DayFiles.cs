using System.Globalization;
using System.IO.Compression;
using Etl.Contracts;

namespace Etl.Sources.Http;

/// <summary>A folder that stands for an API: a file a day, <c>2024-01-05.json</c> or <c>2024-01-05.json.gz</c>, each with what the API would answer.</summary>
internal sealed class DayFiles
{
    const string Plain = ".json", Packed = ".json.gz";

    readonly string folder;
    readonly SortedDictionary<DateOnly, string> files = [];

    /// <exception cref="UnavailableException">There is no such folder, or it holds no day.</exception>
    public DayFiles(string url)
    {
        folder = Path.GetFullPath(url.StartsWith("file://", StringComparison.OrdinalIgnoreCase) ? new Uri(url).LocalPath : url["file:".Length..]);
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
                if (DayOf(Path.GetFileName(file)) is { } day && !files.TryAdd(day, file))
                    throw new UsageException($"'{folder}' has the day {day:yyyy-MM-dd} twice: {Path.GetFileName(files[day])} and {Path.GetFileName(file)}. Take one away.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The folder of day files '{folder}' cannot be read: {e.Message}", e);
        }
        if (files.Count == 0)
            throw new UnavailableException($"'{folder}' holds no day files. They are named 2024-01-05.json or 2024-01-05.json.gz.");
    }

    public string Name => folder;

    public DateOnly First => files.Keys.First();

    public DateOnly Last => files.Keys.Last();

    /// <exception cref="HttpFailure">The day has no file: that is not a day without events.</exception>
    public Uri Of(DateOnly day) => new(files.TryGetValue(day, out string? file) ? file
        : throw new HttpFailure($"'{folder}' has no file {day:yyyy-MM-dd}{Plain}. It holds {First:yyyy-MM-dd} to {Last:yyyy-MM-dd}, {files.Count:N0} days; a day without events has a file that says so", isPassing: false));

    static DateOnly? DayOf(string name)
    {
        string? stem = name.EndsWith(Packed, StringComparison.Ordinal) ? name[..^Packed.Length] : name.EndsWith(Plain, StringComparison.Ordinal) ? name[..^Plain.Length] : null;
        return DateOnly.TryParseExact(stem, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    }

    /// <returns>The file's content, and whether it is a list, as an answer with status 200; otherwise it is what another status would come with.</returns>
    /// <exception cref="HttpFailure">It cannot be read.</exception>
    public static async Task<(Stream Body, bool IsList)> OpenAsync(string file, CancellationToken cancellation)
    {
        try
        {
            if (new FileInfo(file).Length == 0) // also a pipe, which would never answer
                throw new HttpFailure($"'{file}' is empty. A day without events is an empty list", isPassing: false);
            return (Open(file), await FirstAsync(file, cancellation) != '{');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new HttpFailure($"'{file}' cannot be read: {e.Message}", isPassing: false, e);
        }
    }

    static Stream Open(string file)
    {
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: false);
        return file.EndsWith(Packed, StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    /// <summary>The first character that is no white space.</summary>
    static async Task<char> FirstAsync(string file, CancellationToken cancellation)
    {
        await using var stream = Open(file);
        var bytes = new byte[1_024];
        int count = await stream.ReadAsync(bytes, cancellation);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, count).TrimStart('\uFEFF', ' ', '\t', '\r', '\n').FirstOrDefault();
    }
}
