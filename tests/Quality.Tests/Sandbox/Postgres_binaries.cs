using Etl;
using Quality.Sandbox;
using Tests.Shared;

namespace Quality.Tests.Sandbox;

public sealed class Postgres_binaries
{
    [Fact]
    public void That_are_nowhere_are_told_in_one_line_with_the_command_that_installs_them()
    {
        var said = Assert.Throws<UnavailableException>(() => PostgresBinaries.Find(_ => null, ["/nowhere/postgresql"])).Message;

        Assert.Contains("neither on PATH nor under /nowhere/postgresql", said);
        Assert.Contains(PostgresBinaries.InstallCommand, said);
        Assert.DoesNotContain('\n', said);
    }

    [Fact]
    public void Named_by_the_variable_are_not_looked_for_elsewhere()
    {
        var said = Assert.Throws<UnavailableException>(() => PostgresBinaries.Find(name => name == "QUALITY_POSTGRES_BIN" ? "/nowhere" : "/usr/bin", ["/usr/lib/postgresql"])).Message;

        Assert.Contains("QUALITY_POSTGRES_BIN is '/nowhere'", said);
    }

    [Fact]
    public void Are_followed_through_links_and_passed_over_when_they_are_scripts()
    {
        Postgres.Required();
        var real = PostgresBinaries.Find();
        var wrappers = Folder("wrappers", name => File.WriteAllText(name, "#!/bin/sh\n"));
        var links = Folder("links", name => File.CreateSymbolicLink(name, Path.Combine(real.Folder, Path.GetFileName(name))));

        var found = PostgresBinaries.Find(name => name == "PATH" ? $"{wrappers}:{links}" : null, []);

        Assert.Equal(real, found);
    }

    [Fact]
    public void Of_the_newest_version_win()
    {
        var root = Path.Combine(Path.GetTempPath(), "quality-tests", "versions", "postgresql");
        foreach (var version in (string[])["9.6", "15", "17"])
            Folder($"versions/postgresql/{version}/bin", name => File.WriteAllText(name, "a program"));

        Assert.Equal(Path.Combine(root, "17", "bin"), PostgresBinaries.Find(_ => null, [root]).Folder);
    }

    static string Folder(string name, Action<string> make)
    {
        var folder = Path.Combine(Path.GetTempPath(), "quality-tests", name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (var program in (string[])["initdb", "pg_ctl", "postgres"])
            make(Path.Combine(folder, program));
        return folder;
    }
}
