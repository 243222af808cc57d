namespace Quality.Tests.Architecture;

public sealed class The_source_files
{
    const int MostLines = 350;
    static readonly string[] BannedFolders = ["Helpers", "Helper", "Utils", "Util", "Utilities", "Common", "Internal", "Managers", "Misc"];

    [Fact]
    public void Lie_in_folders_named_after_what_they_are_about()
    {
        Assert.True(Repository.Sources.Count() > 100);
        Assert.DoesNotContain(Repository.Sources, f => f.Split(Path.DirectorySeparatorChar).Intersect(BannedFolders, StringComparer.OrdinalIgnoreCase).Any());
    }

    [Fact]
    public void Are_short_enough_to_be_read() =>
        Assert.DoesNotContain(Repository.Sources, f => File.ReadLines(Path.Combine(Repository.Root, f)).Count() > MostLines);
}
