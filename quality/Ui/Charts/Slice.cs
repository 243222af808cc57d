namespace Quality.Ui.Charts;

/// <param name="Css">s1 to s8, or good, warn, bad, idle.</param>
public sealed record Slice(string Name, long Value, string Css);
