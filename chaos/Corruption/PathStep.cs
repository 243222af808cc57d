using System.Globalization;
using System.Text;

namespace Chaos.Corruption;

/// <summary>One step into a document: a key, or where there is none, the ordinal of an array's element.</summary>
public readonly record struct PathStep(string? Name, int Index = 0)
{
    /// <summary>Steps as quarantine and validator write them: <c>invoices[3].amount</c>.</summary>
    public static string Join(IEnumerable<PathStep> steps)
    {
        var text = new StringBuilder();
        foreach (var step in steps)
            if (step.Name is null)
                text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            else
                text.Append(text.Length == 0 ? "" : ".").Append(step.Name);
        return text.ToString();
    }
}
