using Etl.Flattening;
using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

public sealed class Sums_of_segments
{
    static SegmentSums Of(params (ulong Key, ulong Row)[] rows)
    {
        var sums = new SegmentSums();
        foreach (var (key, row) in rows)
            sums.Add(new Hash128(0, key), new Hash128(0, row));
        return sums;
    }

    // Keys of one segment: a swap between rows of different segments would show in any case.
    const ulong One = 7, Other = 7 + SegmentSums.Segments;

    [Fact]
    public void Do_not_depend_on_the_order_of_rows() =>
        Assert.Empty(Of((One, 11), (Other, 22)).DifferingFrom(Of((Other, 22), (One, 11))));

    [Fact]
    public void Do_not_cancel_out_when_two_rows_of_a_segment_swap_a_value()
    {
        // A row's hash is the sum over its columns, so that swapping a value moves the difference of two columns from one to the other.
        const ulong moved = 1_234_567;
        var before = Of((One, 1_000_000_000), (Other, 2_000_000_000));
        var after = Of((One, 1_000_000_000 + moved), (Other, 2_000_000_000 - moved));
        Assert.Equal([7], before.DifferingFrom(after));
        Assert.NotEqual(before.Sum, after.Sum);
    }

    [Fact]
    public void Tell_a_row_that_stands_twice() => Assert.Equal([7], Of((One, 5)).DifferingFrom(Of((One, 5), (One, 5))));
}
