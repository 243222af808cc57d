using System.Text.Json;
using Quality.Reports;
using Tests.Shared;

namespace Quality.Tests.Reports;

public sealed class The_report_files
{
    readonly string folder = Scratch.Folder("report");

    [Fact]
    public async Task Lie_in_a_folder_or_where_they_are_told_to()
    {
        await ReportWriter.WriteAsync(SampleReport.Of(), Path.Combine(folder, "new", "folder"));
        Assert.True(File.Exists(Path.Combine(folder, "new", "folder", "report.json")));
        var page = await ReportWriter.WriteAsync(SampleReport.Of(), Path.Combine(folder, "nightly.html"));
        Assert.Equal(Path.Combine(folder, "nightly.html"), page);
        Assert.True(File.Exists(Path.Combine(folder, "nightly.json")));
    }

    [Fact]
    public async Task Replace_the_old_ones_and_leave_nothing_behind()
    {
        await ReportWriter.WriteAsync(SampleReport.Of(), folder);
        await ReportWriter.WriteAsync(SampleReport.Of(reconciled: false), folder);
        Assert.Equal(["report.html", "report.json"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Contains("<h1>Mismatched</h1>", await File.ReadAllTextAsync(Path.Combine(folder, "report.html")));
    }

    [Fact]
    public async Task Tell_programs_the_same()
    {
        await ReportWriter.WriteAsync(SampleReport.Of(reconciled: false), folder);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json")));
        Assert.Equal("mismatched", json.RootElement.GetProperty("verdict").GetString());
        var table = json.RootElement.GetProperty("pipelines")[0].GetProperty("rounds")[1].GetProperty("tables")[0];
        Assert.Equal(5, table.GetProperty("changed").GetInt64());
        Assert.Equal("2026-03-14T02:04:04+00:00", json.RootElement.GetProperty("pipelines")[0].GetProperty("rounds")[1].GetProperty("started").GetString());
        var again = JsonSerializer.Deserialize<QualityReport>(await File.ReadAllTextAsync(Path.Combine(folder, "report.json")), ReportJson.Options)!;
        Assert.Equal(ReportJson.Write(SampleReport.Of(reconciled: false)), ReportJson.Write(again));
    }
}
