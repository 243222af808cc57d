using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

public sealed class The_order_of_files
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(1000)]
    public void Is_kept_whatever_fits_into_memory(int count)
    {
        var random = new Random(count);
        FileEntry[] files = [.. Enumerable.Range(0, count).Select(i => new FileEntry($"ä{random.Next(1000)}-{i}", random.Next(50), i, random.Next(2) * 77, random.Next(2) == 0))];
        using var order = new FileOrder(held: 100);
        foreach (var file in files)
            order.Add(file);
        Assert.Equal(Math.Max(0, count - 1) / 100, order.Runs);
        Assert.Equal(files.OrderBy(f => f.Modified).ThenBy(f => f.Name, StringComparer.Ordinal), order.InOrder());
    }
}
