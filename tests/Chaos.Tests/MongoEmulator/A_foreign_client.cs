using System.Diagnostics;
using Chaos.MongoEmulator;

namespace Chaos.Tests.MongoEmulator;

[Trait("Category", "Foreign")]
public sealed class A_foreign_client
{
    const string Python = "/usr/bin/python3", Install = "sudo apt-get install python3-pymongo";

    [Fact]
    public async Task Pymongo_finds_what_it_expects_of_a_server()
    {
        RequirePymongo();
        await using var server = MongoServer.Start(new MongoServerOptions());
        string script = Path.Combine(AppContext.BaseDirectory, "MongoEmulator", "pymongo_checks.py");
        var (exit, output) = Run(script, server.Port.ToString());
        Assert.True(exit == 0, output);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }

    static void RequirePymongo()
    {
        bool there = File.Exists(Python) && Run("-c", "import pymongo").Exit == 0;
        if (!there && Environment.GetEnvironmentVariable("CI") is "true" or "1")
            Assert.Fail($"pymongo is missing. Install it: {Install}");
        Assert.SkipUnless(there, $"pymongo is missing. Install it: {Install}");
    }

    static (int Exit, string Output) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
