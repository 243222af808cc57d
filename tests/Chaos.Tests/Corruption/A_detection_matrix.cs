using Chaos.Corruption;

namespace Chaos.Tests.Corruption;

/// <summary>The checker on histories made by hand: it has to say "missed" and "false alarm" where they are.</summary>
public sealed class A_detection_matrix
{
    static CorruptedDocument Broken(CorruptionKind kind, string key) => new(kind, "users", "field", [], key);

    static Dictionary<DocumentKey, IReadOnlyList<string>> Named(params (string Key, string[] Rules)[] named) =>
        named.ToDictionary(n => new DocumentKey("users", n.Key), n => (IReadOnlyList<string>)n.Rules);

    [Fact]
    public void Is_perfect_when_each_expected_rule_names_its_document()
    {
        var matrix = DetectionMatrix.Of(
            [Broken(CorruptionKind.NulInText, "1"), Broken(CorruptionKind.DuplicateBusinessKey, "2"), Broken(CorruptionKind.NaughtyText, "3")],
            Named(("1", ["nul", "maxLength"])), Named(("2", ["unique"]), ("9", ["unique"])));
        Assert.True(matrix.IsPerfect);
        Assert.Equal((3, 3), (matrix.Injected, matrix.Detected));
        Assert.Equal(1, matrix.Rows.Single(r => r.Kind == CorruptionKind.NulInText).Outcomes["nul"]);
        Assert.Equal(1, matrix.Rows.Single(r => r.Kind == CorruptionKind.NaughtyText).Outcomes[DetectionMatrix.NoRule]);
    }

    [Fact]
    public void Names_what_was_missed()
    {
        var matrix = DetectionMatrix.Of(
            [Broken(CorruptionKind.NulInText, "1"), Broken(CorruptionKind.NulInText, "2"), Broken(CorruptionKind.DuplicateBusinessKey, "3"), Broken(CorruptionKind.NaughtyText, "4")],
            Named(("1", ["utf8"]), ("3", ["type"]), ("4", ["type"])), Named(("3", ["unique"])));
        Assert.False(matrix.IsPerfect);
        Assert.Equal(0, matrix.Detected);
        Assert.Equal(["1", "2", "3", "4"], matrix.Rows.SelectMany(r => r.Missed).Select(m => m.Key).Order());
        Assert.Equal(new SortedDictionary<string, int> { ["loaded"] = 1, ["utf8"] = 1 }, matrix.Rows[0].Outcomes);
        Assert.Empty(matrix.FalseAlarms);
    }

    [Fact]
    public void Names_false_alarms()
    {
        var matrix = DetectionMatrix.Of([Broken(CorruptionKind.NulInText, "1")], Named(("1", ["nul"]), ("7", ["type"])));
        Assert.False(matrix.IsPerfect);
        Assert.Equal([new DocumentKey("users", "7")], matrix.FalseAlarms);
    }

    [Fact]
    public void Proves_nothing_when_nothing_was_injected() => Assert.False(DetectionMatrix.Of([], Named()).IsPerfect);
}
