namespace Quality.Ui;

/// <summary>A name and its value, as in the verdict's corner.</summary>
public sealed record Fact(string Name, string Value);
