using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tests.Shared;

/// <summary>Foreign things that a test needs: absent, it skips with the command that installs them, and fails in CI.</summary>
public static class Requires
{
    static bool InCi => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <returns>The program's full path.</returns>
    public static string Program(string name, string installCommand)
    {
        if (Path.IsPathRooted(name) && File.Exists(name))
            return name;
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found ?? Missing($"'{name}' is not on PATH", installCommand);
    }

    /// <summary>Debian's modules belong to Debian's Python, which another Python on PATH may hide.</summary>
    /// <returns>The full path of a Python that can import the module.</returns>
    public static string PythonModule(string module, string installCommand)
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", $"import {module}"]) { RedirectStandardError = true })!;
                process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                    return python;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not there: the next one.
            }
        }
        return Missing($"No Python here can import '{module}'", installCommand);
    }

    /// <returns>The first of the names that loads.</returns>
    public static string Library(string installCommand, params string[] names) =>
        names.FirstOrDefault(name => NativeLibrary.TryLoad(name, out _))
            ?? Missing($"No library {string.Join(" or ", names)} can be loaded", installCommand);

    public static string Missing(string what, string installCommand)
    {
        var reason = $"{what}. Install it: {installCommand}";
        if (InCi)
            Assert.Fail(reason);
        Assert.Skip(reason);
        return "";
    }
}
