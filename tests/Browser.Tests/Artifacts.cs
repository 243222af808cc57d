namespace Browser.Tests;

/// <summary>Where evidence is kept: artifacts/ at the root of the repository.</summary>
static class Artifacts
{
    public static string Path(string folder, string file)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(root, "Quality.sln"))) root = Directory.GetParent(root)!.FullName;
        var target = System.IO.Path.Combine(root, "artifacts", folder);
        Directory.CreateDirectory(target);
        return System.IO.Path.Combine(target, file);
    }
}
