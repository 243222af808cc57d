using Quality.Commands.Load;

namespace Quality.Tests.Commands;

public sealed class The_memory_under_load
{
    static bool IsFlat(IEnumerable<int> mebibytes)
    {
        var samples = new Queue<long>(mebibytes.Select(m => (long)m << 20));
        using var watch = new MemoryWatch(TimeProvider.System, () => samples.TryDequeue(out long next) ? next : 0);
        while (samples.Count > 0)
            watch.Look();
        return watch.JudgeFlat("soak").Holds;
    }

    [Fact]
    public void Is_flat_once_the_heap_has_found_its_size() => Assert.True(IsFlat(Enumerable.Range(0, 90).Select(i => Math.Min(100 + 10 * i, 400) + i % 7)));

    [Fact]
    public void Is_not_flat_where_it_grows_on_and_on() => Assert.False(IsFlat(Enumerable.Range(0, 90).Select(i => 100 + 10 * i)));

    [Fact]
    public void Is_not_known_of_a_moment() => Assert.False(IsFlat([100, 100]));
}
