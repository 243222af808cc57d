namespace Benchmarks.EndToEnd;

/// <summary>What `psql \copy` needed.</summary>
/// <param name="Seconds">By psql's own clock (\timing), without starting psql.</param>
sealed record CopyMeasure(long Rows, double Seconds, double ProcessSeconds)
{
    public double Rate => Rows / Seconds;
    public double ProcessRate => Rows / ProcessSeconds;
}
