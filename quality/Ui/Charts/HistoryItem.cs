namespace Quality.Ui.Charts;

/// <summary>One bar of a history strip.</summary>
/// <param name="Height">0 to 1.</param>
/// <param name="Tip">Lines, label and value parted by a tab.</param>
public sealed record HistoryItem(string Label, Status Status, double Height, string Tip);
