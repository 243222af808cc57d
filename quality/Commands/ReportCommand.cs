using System.CommandLine;
using System.Reflection;
using Etl;
using Etl.Loading;
using Npgsql;
using Quality.Reports;

namespace Quality.Commands;

/// <summary><c>quality report</c>: renders the journal.</summary>
internal static class ReportCommand
{
    public const string DefaultTarget = "artifacts/report";

    public static Command Create()
    {
        var target = new Option<string>("--out") { Description = "A folder, or a file that ends in .html; report.json is written beside it", HelpName = "FILE", DefaultValueFactory = _ => DefaultTarget };
        var command = new Command("report", "Write one HTML file, and report.json, from the journal in the warehouse. Exits by the verdict it shows") { target };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
            var (report, page) = await WriteAsync(servers, parsed.GetValue(target)!, cancellation);
            if (Options.Json(parsed))
                JsonOutput.Write(new { page, verdict = report.Verdict.Word(), report.Reason });
            else
            {
                Terminal.Verdict(report.Verdict, report.Reason);
                Terminal.Say($"Open {page}");
            }
            return ExitCodes.Of(report.Verdict);
        });
        return command;
    }

    public static string Product => $"Quality {typeof(ReportCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    /// <summary>Writes the report; the path of the page comes back.</summary>
    public static async Task<(QualityReport Report, string Page)> WriteAsync(Servers servers, string target, CancellationToken cancellation)
    {
        await using (await servers.Warehouse.OpenJournalAsync(TimeProvider.System, cancellation)) { }
        await using var source = NpgsqlDataSource.Create(servers.Warehouse.ConnectionString);
        var report = await new JournalReader(source, TimeProvider.System, Product, new ContractLibrary()).ReadAsync(null, cancellation);
        try
        {
            return (report, await ReportWriter.WriteAsync(report, target, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The report cannot be written to '{target}': {e.Message}", e);
        }
    }
}
