using System.Diagnostics;

namespace Tests.Shared;

/// <summary>A package of npm, installed once into <c>artifacts/npm</c> of the repository and used from there.</summary>
public static class NodePackage
{
    const string InstallNode = "sudo apt-get install nodejs npm";

    /// <summary>The driver that runs on the Node.js at hand.</summary>
    /// <param name="versions">A version for each least major version of Node.js, the highest first.</param>
    /// <returns>Node's path, and the folder that has <c>node_modules</c>.</returns>
    public static (string Node, string Folder) Install(string name, params (int LeastNode, string Version)[] versions)
    {
        string node = Requires.Program("node", InstallNode), npm = Requires.Program("npm", InstallNode);
        string found = Run(node, Environment.CurrentDirectory, "--version").Output.Trim();
        int major = int.Parse(found.TrimStart('v').Split('.')[0]);
        string? version = versions.Where(v => major >= v.LeastNode).Select(v => v.Version).FirstOrDefault();
        if (version == null)
            Requires.Missing($"Node.js {found} is too old for the package {name}", InstallNode);
        string folder = Path.Combine(Repository, "artifacts", "npm", $"{name}-{version}");
        if (Directory.Exists(Path.Combine(folder, "node_modules", name)))
            return (node, folder);
        string fresh = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(fresh);
        File.WriteAllText(Path.Combine(fresh, "package.json"), "{\"private\":true}");
        var (exit, output) = Run(npm, fresh, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", $"{name}@{version}");
        if (exit != 0)
            Requires.Missing($"npm could not install {name}@{version} ({output.Trim()})", $"cd '{fresh}' && npm install {name}@{version}");
        try
        {
            Directory.Move(fresh, folder); // whole or not at all
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(fresh, recursive: true); // another test was first
        }
        return (node, folder);
    }

    static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder != null && !File.Exists(Path.Combine(folder.FullName, "Quality.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException($"Quality.sln is nowhere above {AppContext.BaseDirectory}");
        }
    }

    static (int Exit, string Output) Run(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
    }
}
