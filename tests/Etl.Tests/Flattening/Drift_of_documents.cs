using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;

namespace Etl.Tests.Flattening;

public sealed class Drift_of_documents
{
    static readonly Dataset Dataset = ContractText.Read(ContractText.Of(
        "- { name: a, logicalType: string }",
        "- { name: inner, logicalType: object, properties: [{ name: x, logicalType: integer }] }",
        "- { name: secret, logicalType: object, classification: pii, properties: [{ name: x, logicalType: integer }] }",
        "- { name: rows, logicalType: array, items: { logicalType: object, properties: [{ name: x, logicalType: integer }] } }")).Datasets[0];

    static byte[] Document(int id, Action<BsonWriter> write) => Bson.Make(w => { w.Write("_id", id); write(w); });

    static string Shown(Drift drift) => string.Join(' ', drift.Fields.Select(f => $"{f.Path}{(f.IsNewType ? "!" : "")}={f.Count}:{string.Join('|', f.Types.Select(t => t.Alias()))}@{f.FirstKey}"));

    [Fact]
    public void Is_counted_by_path_with_types_and_the_first_document()
    {
        var flattener = new Flattener(Dataset);
        for (int i = 1; i <= 3; i++)
            Assert.Null(flattener.Flatten(Document(i, w =>
            {
                w.Write("a", "x").BeginDocument("inner").Write("new", i).End();
                if (i > 1)
                    w.Write("late", 1.5).BeginArray("rows").BeginDocument().Write("new", "x").End().BeginDocument().WriteNull("new").End().End();
            })));
        const string one = "{\"$numberInt\":\"1\"}", two = "{\"$numberInt\":\"2\"}";
        Assert.Equal($"rows[].new=4:string|null@{two} inner.new=3:int@{one} late=2:double@{two}", Shown(flattener.TakeDrift()));
        Assert.Equal(9, flattener.UndescribedElements);
        Assert.Same(Drift.None, flattener.TakeDrift());
    }

    [Fact]
    public void Knows_new_types_of_known_fields()
    {
        var flattener = new Flattener(Dataset);
        Assert.Equal("type", flattener.Flatten(Document(1, w => w.Write("a", 5)))?.Rule);
        Assert.Equal("type", flattener.Flatten(Document(2, w => w.Write("a", true)))?.Rule);
        Assert.Equal("type", flattener.Flatten(Document(3, w => w.BeginArray("rows").Write("x").End()))?.Rule);
        Assert.Equal("a!=2:bool|int@{\"$numberInt\":\"1\"} rows[]!=1:string@{\"$numberInt\":\"3\"}", Shown(flattener.TakeDrift()));
    }

    [Fact]
    public void Shows_no_names_inside_something_personal()
    {
        var flattener = new Flattener(Dataset);
        flattener.Flatten(Document(1, w => w.BeginDocument("secret").Write("geheim@example.org", 1).End()));
        Assert.Equal("secret.***", Assert.Single(flattener.TakeDrift().Fields).Path);
    }

    /// <summary>Out of step, a reader takes a piece of text for a name; it must not come out as a path.</summary>
    [Fact]
    public void Takes_no_names_from_bytes_that_are_no_document()
    {
        var flattener = new Flattener(Dataset);
        var document = Document(1, w => w.Write("a", "Geheimnis").WriteBinary("pad", [0x10, (byte)'G', (byte)'e', (byte)'h', 0, 1, 0, 0, 0, 0x60, (byte)'x', 0]));
        int length = document.AsSpan().IndexOf("pad\0"u8) + 4;
        document[length] = 0; // the binary ends at once, and its bytes become elements
        Assert.Equal("malformed", flattener.Flatten(document)?.Rule);
        Assert.Empty(flattener.TakeDrift().Fields);
    }

    [Fact]
    public void Has_bounded_memory_and_says_when_it_is_reached()
    {
        var flattener = new Flattener(Dataset);
        for (int i = 0; i < 3_000; i++)
            flattener.Flatten(Document(i, w => w.Write("user" + i, 1).Write("common", 1)));
        var drift = flattener.TakeDrift();
        Assert.Equal((Drift.Limit, 2_001L, 6_000L), (drift.Fields.Count, drift.BeyondLimit, drift.UndescribedElements));
        Assert.Equal(("common", 3_000L), (drift.Fields[0].Path, drift.Fields[0].Count));
        var both = drift.Merge(drift);
        Assert.Equal((Drift.Limit, 12_000L, 6_000L), (both.Fields.Count, both.UndescribedElements, both.Fields[0].Count));
    }

    [Fact]
    public void Adds_up_over_workers_as_if_one_had_seen_it()
    {
        var (one, other, all) = (new Flattener(Dataset), new Flattener(Dataset), new Flattener(Dataset));
        for (int i = 0; i < 100; i++)
        {
            var document = Document(i, w => { w.Write("n" + i % 7, 1); if (i % 3 == 0) w.Write("m", "x"); else w.Write("m", i); });
            all.Flatten(document);
            (i < 50 ? one : other).Flatten(document);
        }
        Assert.Equal(Shown(all.TakeDrift()), Shown(one.TakeDrift().Merge(other.TakeDrift())));
        Assert.Equal(Shown(Drift.None), Shown(Drift.None.Merge(Drift.None)));
    }

    [Fact]
    public void Allocates_for_a_new_path_only()
    {
        var flattener = new Flattener(Dataset);
        var document = Document(1, w => w.Write("new", 1).BeginDocument("inner").Write("other", "x").End());
        flattener.Flatten(document);
        // The runtime itself allocates now and then, once: when it compiles a method anew. What allocates for a document does so each time.
        Assert.Contains(0L, Enumerable.Range(0, 3).Select(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
                flattener.Flatten(document);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ToArray());
    }
}
