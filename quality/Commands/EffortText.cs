using System.Globalization;
using Etl.Sources;

namespace Quality.Commands;

/// <summary>What reading the source took. Nothing, in a quiet hour.</summary>
internal static class EffortText
{
    public static IEnumerable<string> Lines(SourceEffort effort)
    {
        if (effort.Retries + effort.Reopened + effort.TimedOut > 0)
            yield return $"Reading the source took {Of(effort.Retries, "retry", "retries")}; {Of(effort.Reopened, "scan", "scans")} lost the cursor and went on; {Of(effort.TimedOut, "failure was a time-out", "failures were time-outs")}.";
        foreach (string remark in effort.Remarks)
            yield return $"Source: {remark}";
    }

    static string Of(long count, string one, string many) => $"{count.ToString("N0", CultureInfo.InvariantCulture)} {(count == 1 ? one : many)}";
}
