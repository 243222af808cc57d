namespace Quality.Reconciliation;

/// <summary>
/// What a sample without a difference says of what was not read. The unit that is drawn is the segment, at random and without replacement, so the bound is over
/// segments: rows of one segment are alike more often than chance, and say less than as many rows drawn one by one.
/// </summary>
public static class SampleBound
{
    /// <summary>How sure the statement is.</summary>
    public const double Confidence = 0.99;

    /// <summary>The smallest share of which can be said: had so many segments, or more, held a difference, one of them would have been drawn with at least this confidence.</summary>
    /// <param name="segments">All there are.</param>
    /// <param name="read">Those read, none of which holds a difference.</param>
    /// <returns>0 to 1; 0 where all were read, 1 where nothing can be said.</returns>
    public static double Of(int segments, int read, double confidence = Confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(read);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(read, segments);
        if (read == segments)
            return 0;
        double unseen = 1; // the chance that none of the bad ones was drawn, by the hypergeometric distribution
        for (int bad = 1; bad <= segments; bad++)
        {
            unseen *= Math.Max(0, (double)(segments - read - bad + 1) / (segments - bad + 1));
            if (unseen <= 1 - confidence)
                return (double)bad / segments;
        }
        return 1;
    }
}
