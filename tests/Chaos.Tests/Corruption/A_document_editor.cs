using Chaos.Corruption;
using Etl.Documents;

namespace Chaos.Tests.Corruption;

public sealed class A_document_editor
{
    static readonly byte[] Document = Bson.Make(w => w.Write("a", 1).BeginArray("list").BeginDocument().Write("x", "one").End().BeginDocument().Write("x", "two").End().End().Write("z", true));
    static readonly PathStep[] Second = [new("list"), new(null, 1), new("x")];

    [Fact]
    public void Sets_a_value_deep_inside_and_mends_every_length_around_it()
    {
        byte[] edited = DocumentEditor.Set(Document, Second, BsonValue.Of(new string('y', 300)));
        Bson.Validate(edited);
        Assert.Equal(ExtendedJson.ToString(Document).Replace("two", new string('y', 300), StringComparison.Ordinal), ExtendedJson.ToString(edited));
        Assert.Equal(Document, DocumentEditor.Set(edited, Second, BsonValue.Of("two")));
    }

    [Fact]
    public void Appends_a_key_that_is_not_there() =>
        Assert.Equal("""{"a":1,"list":[{"x":"one"},{"x":"two","new":null}],"z":true}""",
            ExtendedJson.ToString(DocumentEditor.Set(Document, [new("list"), new(null, 1), new("new")], BsonValue.Null)));

    [Fact]
    public void Removes_what_it_repeated()
    {
        byte[] twice = DocumentEditor.Repeat(Document, Second);
        Bson.Validate(twice);
        Assert.Contains("""{"x":"two","x":"two"}""", ExtendedJson.ToString(twice));
        Assert.Equal(Document, DocumentEditor.Remove(twice, Second));
    }

    [Fact]
    public void Refuses_a_path_that_leads_nowhere()
    {
        Assert.Throws<ArgumentException>(() => DocumentEditor.Remove(Document, [new("nothing")]));
        Assert.Throws<ArgumentException>(() => DocumentEditor.Set(Document, [new("nothing"), new("inside")], BsonValue.Null));
        Assert.Throws<ArgumentException>(() => DocumentEditor.Set(Document, [new("list"), new(null, 2)], BsonValue.Null));
    }
}
