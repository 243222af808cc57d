using System.Globalization;

namespace Quality.Scheduling.Alerts;

/// <summary>What somebody is told, by whichever channel.</summary>
/// <param name="Verdict">Of the step that failed.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Chain">That saw it last, or saw it right again; null: none could be run.</param>
/// <param name="Run">Of the journal.</param>
/// <param name="Since">When it was first seen.</param>
/// <param name="Seen">How often, so far.</param>
internal sealed record AlertMessage(string Kind, string Pipeline, string Step, string Verdict, string Reason, string Advice, long? Chain, long? Run, DateTimeOffset Since, long Seen)
{
    public string Title => Kind switch
    {
        AlertKinds.Recovery => $"{Pipeline}: {Step} is right again",
        AlertKinds.Reminder => $"{Pipeline}: {Step} is still {Verdict}",
        _ => $"{Pipeline}: {Step} is {Verdict}",
    };

    /// <summary>For people, some lines.</summary>
    public string Text => string.Join('\n', Lines());

    IEnumerable<string> Lines()
    {
        yield return Title + ".";
        yield return Kind == AlertKinds.Recovery ? $"It was {Verdict}: {Reason}" : Reason;
        if (Kind != AlertKinds.Recovery)
            yield return $"What to do: {Advice}";
        yield return string.Join(" · ", Facts());
    }

    IEnumerable<string> Facts()
    {
        yield return $"pipeline {Pipeline}";
        yield return $"step {Step}";
        yield return $"verdict {(Kind == AlertKinds.Recovery ? "reconciled" : Verdict)}";
        if (Run is { } run)
            yield return $"run {run.ToString(CultureInfo.InvariantCulture)}";
        if (Chain is { } chain)
            yield return $"chain {chain.ToString(CultureInfo.InvariantCulture)}";
        yield return $"since {Since.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}";
        if (Seen > 1)
            yield return $"seen {Seen.ToString(CultureInfo.InvariantCulture)} times";
    }
}
