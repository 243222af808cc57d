using System.Diagnostics;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Authentication;
using Tests.Shared;

namespace Chaos.Tests.MongoEmulator;

[Trait("Category", "Foreign")]
public sealed class A_foreign_client : IAsyncLifetime
{
    const string InstallPymongo = "sudo apt-get install python3-pymongo", Password = "p@ss w0rd/,=~";

    readonly TestCertificate certificate = new();
    MongoServer open = null!, locked = null!, secure = null!;

    public ValueTask InitializeAsync()
    {
        open = MongoServer.Start(new MongoServerOptions());
        locked = MongoServer.Start(new MongoServerOptions { Users = [new MongoUser("reader", Password)] });
        secure = MongoServer.Start(new MongoServerOptions { Certificate = certificate.Certificate });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await open.DisposeAsync();
        await locked.DisposeAsync();
        await secure.DisposeAsync();
        certificate.Dispose();
    }

    [Fact]
    public void Pymongo_finds_what_it_expects_of_a_server() =>
        Check(Requires.PythonModule("pymongo", InstallPymongo), Script("pymongo_checks.py"));

    [Fact]
    public void The_driver_of_Node_finds_what_it_expects_of_a_server()
    {
        var (node, folder) = NodePackage.Install("mongodb", (20, "7.9.0"), (16, "6.20.0"));
        Check(node, Script("node_checks.js"), folder);
    }

    [Fact]
    public void An_old_driver_of_Node_finds_what_it_expects_of_a_server()
    {
        var (node, folder) = NodePackage.Install("mongodb", (12, "3.6.12"));
        Check(node, Script("node_checks.js"), folder);
    }

    static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "MongoEmulator", name);

    void Check(string program, params string[] arguments)
    {
        string login = $"mongodb://reader:{Uri.EscapeDataString(Password)}@{locked.Uri["mongodb://".Length..]}";
        string tls = $"{secure.Uri}?tls=true&tlsCAFile={certificate.File}";
        using var process = Process.Start(new ProcessStartInfo(program, [.. arguments, open.Port.ToString(), login, tls]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + errors.Result);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }
}
