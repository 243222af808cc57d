using System.Reflection;

namespace Quality.Tests.Architecture;

public sealed class The_projects
{
    static readonly Assembly Etl = typeof(global::Etl.UnavailableException).Assembly, Chaos = typeof(global::Chaos.MongoEmulator.MongoServer).Assembly,
        Program = typeof(Quality.Commands.CommandLine).Assembly;

    static readonly string[] Ours = ["Etl", "Chaos", "quality", "Quality.Ui", "Quality.Reports"];

    static string[] OursAmong(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(a => a.Name!).Intersect(Ours).Order(StringComparer.Ordinal)];

    [Fact]
    public void Refer_one_way_from_quality_to_chaos_to_etl()
    {
        Assert.Equal([], OursAmong(Etl));
        Assert.Equal(["Etl"], OursAmong(Chaos));
        Assert.Contains("Etl", OursAmong(Program));
        Assert.Contains("Chaos", OursAmong(Program));
        // The report shares one enum with the library; what it shows it reads from the journal.
        Assert.Equal(["Etl"], OursAmong(typeof(Quality.Ui.Format).Assembly));
        Assert.Equal(["Etl", "Quality.Ui"], OursAmong(typeof(Quality.Reports.QualityReport).Assembly));
    }

    [Fact]
    public void Use_no_MongoDB_driver_but_libmongoc() =>
        Assert.All((Assembly[])[Etl, Chaos, Program], a => Assert.DoesNotContain(a.GetReferencedAssemblies(), r => r.Name!.StartsWith("MongoDB.", StringComparison.Ordinal)));
}
