using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Benchmarks.EndToEnd;

/// <summary>A program run to its end, timed and its memory watched from outside.</summary>
/// <param name="Seconds">From before it was started until it had ended.</param>
/// <param name="CpuSeconds">Of all its threads, in user code and in the kernel, as seen at the last look; 0 where the system does not say.</param>
/// <param name="PeakBytes">The most physical memory that it ever had (Linux's VmHWM); 0 where the system does not say.</param>
sealed record ChildProcess(int ExitCode, string Output, string Errors, double Seconds, double CpuSeconds, long PeakBytes)
{
    // The kernel keeps the peak and the sum, so that only what is added in the last moments of the process can be missed.
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>The program where its project puts it: its copy beside this assembly is not compiled ahead of time.</summary>
    public static string Quality { get; } = Path.Combine(
        typeof(ChildProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == nameof(Quality)).Value!,
        OperatingSystem.IsWindows() ? "quality.exe" : "quality");

    /// <param name="expected">The exit code.</param>
    /// <exception cref="InvalidOperationException">It ended with another exit code; the message has what it said.</exception>
    public static async Task<ChildProcess> RunAsync(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellation, int expected = 0)
    {
        var start = Prepare(program, arguments, environment);
        long began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            long peak = 0;
            double cpu = 0;
            var ended = process.WaitForExitAsync(cancellation);
            while (!ended.IsCompleted)
            {
                peak = Math.Max(peak, Peak(process.Id));
                cpu = Math.Max(cpu, Cpu(process.Id));
                await Task.WhenAny(ended, Task.Delay(Look, cancellation));
            }
            await ended;
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var child = new ChildProcess(process.ExitCode, await output, await errors, seconds, cpu, peak);
            return child.ExitCode == expected ? child
                : throw new InvalidOperationException($"'{Path.GetFileName(program)} {string.Join(' ', arguments.Take(2))} …' ended with exit code {child.ExitCode}: {child.Errors.Trim()} {child.Output.Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    public static ProcessStartInfo Prepare(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("QUALITY_", StringComparison.Ordinal) && k is not ("QUALITY_LIBMONGOC" or "QUALITY_POSTGRES_BIN")).ToList())
            start.Environment.Remove(inherited);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }

    static long Peak(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan("VmHWM:".Length).Trim().TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0; // it has ended, or this is not Linux
        }
    }

    static double Cpu(int process)
    {
        try
        {
            // After the name, which stands in brackets and may contain anything: state is field 3, utime and stime are 14 and 15.
            string line = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0; // as above
        }
    }

    /// <summary>Linux's USER_HZ, which is 100 on every machine that .NET runs on.</summary>
    const double TicksPerSecond = 100;
}
