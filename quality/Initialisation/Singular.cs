namespace Quality.Initialisation;

/// <summary>English plurals, as collections are named by: good enough for the name of a column.</summary>
internal static class Singular
{
    public static string Of(string name) => name switch
    {
        _ when name.EndsWith("ies", StringComparison.Ordinal) && name.Length > 4 => name[..^3] + "y",
        _ when Array.Exists(["sses", "shes", "ches", "xes", "zes"], end => name.EndsWith(end, StringComparison.Ordinal)) => name[..^2],
        _ when Array.Exists(["ss", "us", "is"], end => name.EndsWith(end, StringComparison.Ordinal)) => name,
        _ when name.EndsWith('s') && name.Length > 2 => name[..^1],
        _ => name,
    };
}
