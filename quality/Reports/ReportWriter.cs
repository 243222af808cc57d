using System.Text;

namespace Quality.Reports;

/// <summary>Writes the page and its JSON. A reader sees the old file or the new one, never half of one.</summary>
public static class ReportWriter
{
    public const string DefaultFolder = "artifacts/report";

    /// <param name="target">A folder, for <c>report.html</c> and <c>report.json</c> in it; or a file that ends in <c>.html</c>, its JSON beside it.</param>
    /// <returns>The path of the page.</returns>
    public static async Task<string> WriteAsync(QualityReport report, string target = DefaultFolder, CancellationToken cancel = default)
    {
        var html = target.EndsWith(".html", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(target)
            ? Path.GetFullPath(target)
            : Path.GetFullPath(Path.Combine(target, "report.html"));
        Directory.CreateDirectory(Path.GetDirectoryName(html)!);
        report = Trim.Shared(report);
        var page = Encoding.UTF8.GetBytes(await ReportHtml.RenderAsync(report));
        // Samples are limited in number and in length; only a very unlucky mixture still needs this.
        for (var kept = ReportLimits.Differences / 2; page.Length > ReportLimits.Bytes && kept > 0; kept /= 2)
            page = Encoding.UTF8.GetBytes(await ReportHtml.RenderAsync(report = Trim.To(kept, report)));
        await ReplaceAsync(Path.ChangeExtension(html, ".json"), ReportJson.Write(report), cancel);
        await ReplaceAsync(html, page, cancel);
        return html;
    }

    static async Task ReplaceAsync(string path, byte[] content, CancellationToken cancel)
    {
        // Beside its target, because a rename is atomic only within one file system.
        var unfinished = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            await File.WriteAllBytesAsync(unfinished, content, cancel);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
