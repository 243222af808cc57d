namespace Quality.Commands.Quarantine;

/// <summary>One line of a document as it is shown.</summary>
/// <param name="Path">Of the element that the line is about, with the indexes of arrays; empty for the document.</param>
/// <param name="Closes">The end of an object or array.</param>
/// <param name="Broken">The rules that are broken here; none: a good line.</param>
internal sealed record DocumentLine(int Depth, string Path, string Text, bool Closes, IReadOnlyList<string> Broken);
