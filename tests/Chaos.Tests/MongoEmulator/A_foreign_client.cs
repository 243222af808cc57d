using System.Diagnostics;
using Chaos.MongoEmulator;
using Tests.Shared;

namespace Chaos.Tests.MongoEmulator;

[Trait("Category", "Foreign")]
public sealed class A_foreign_client
{
    const string Install = "sudo apt-get install python3-pymongo";

    [Fact]
    public async Task Pymongo_finds_what_it_expects_of_a_server()
    {
        string python = Requires.PythonModule("pymongo", Install);
        await using var server = MongoServer.Start(new MongoServerOptions());
        string script = Path.Combine(AppContext.BaseDirectory, "MongoEmulator", "pymongo_checks.py");
        var (exit, output) = Run(python, script, server.Port.ToString());
        Assert.True(exit == 0, output);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }

    static (int Exit, string Output) Run(string python, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
