namespace Etl.Sources;

/// <summary>Counts the failures of a source; any thread may.</summary>
internal sealed class EffortCounter
{
    readonly Lock gate = new();
    readonly List<string> remarks = [];
    long failures, gaveUp, reopened, timedOut;

    public SourceEffort Sum
    {
        get
        {
            lock (gate)
                return new SourceEffort(Math.Max(0, failures - gaveUp), reopened, timedOut, [.. remarks]);
        }
    }

    /// <param name="count">Requests that failed for a reason that passes.</param>
    public void Failed(int count, int ofThemTimedOut)
    {
        lock (gate)
        {
            failures += count;
            timedOut += ofThemTimedOut;
        }
    }

    /// <summary>The last of these failures is not tried again.</summary>
    public void GaveUp()
    {
        lock (gate)
            gaveUp++;
    }

    public void Reopened()
    {
        lock (gate)
            reopened++;
    }

    public void Remark(string text)
    {
        lock (gate)
            if (!remarks.Contains(text))
                remarks.Add(text);
    }
}
