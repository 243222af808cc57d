namespace Quality.Ui.Charts;

/// <param name="Values">One for each label; not a number: a gap.</param>
/// <param name="Css">s1 to s8, or good, warn, bad, idle.</param>
public sealed record Series(string Name, IReadOnlyList<double> Values, string Css);
