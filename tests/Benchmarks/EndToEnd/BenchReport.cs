using System.Globalization;
using System.Text.Json;

namespace Benchmarks.EndToEnd;

/// <summary>All ratios of one run against their goals: a table to read, a file to keep.</summary>
static class BenchReport
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Processes that ran or wanted to, averaged over the last minute; null where the system does not say.</summary>
    public static double? Load() => File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null;

    /// <param name="loadBefore">The machine's load when nothing of the benchmark ran yet.</param>
    public static void Print(IReadOnlyList<Goal> goals, bool quick, double? loadBefore)
    {
        Console.WriteLine();
        Console.WriteLine($"{"",-12}{"",-60}{"measured",12}{"goal",10}");
        foreach (var goal in goals)
            Console.WriteLine($"{goal.Part,-12}{goal.Name,-60}{Figure(goal, goal.Value),12}{(goal.Limit is { } limit ? (goal.AtLeast ? "≥ " : "< ") + Figure(goal, limit) : "—"),10}  {goal.Passed switch { true => "PASS", false => "MISS", null => "" }}"
                + (goal.Samples.Count > 1 ? $"   ({string.Join(", ", goal.Samples.Select(s => Figure(goal, s)))})" : ""));
        if (loadBefore > Environment.ProcessorCount / 2.0)
            Console.WriteLine($"\nThe machine was busy before this began (load {loadBefore:N1} on {Environment.ProcessorCount} cores). A sync uses several cores at once and psql one, so its ratios suffer: run it again on an idle machine.");
        if (quick)
            Console.WriteLine("\nQuick: a tenth of the documents that the goals speak of, and one round. These figures are no proof.");
    }

    static string Figure(Goal goal, double value) => value.ToString(goal.Unit switch { "MB" => "0", "/s" => "#,0", _ => "0.00" }, CultureInfo.InvariantCulture) + " " + goal.Unit;

    public static async Task WriteAsync(BenchOptions options, IReadOnlyList<Goal> goals, DateTimeOffset began, double? loadBefore, string postgres, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Out))!);
        await File.WriteAllTextAsync(options.Out, JsonSerializer.Serialize(new
        {
            beganAt = began,
            loadBefore,
            options.Quick,
            options.Documents,
            options.Rounds,
            machine = new { cores = Environment.ProcessorCount, memoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, system = System.Runtime.InteropServices.RuntimeInformation.OSDescription, dotnet = Environment.Version.ToString(), postgres },
            passed = goals.All(g => g.Passed != false),
            goals,
        }, Format), cancellation);
    }
}
