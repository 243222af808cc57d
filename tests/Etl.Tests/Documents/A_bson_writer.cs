using Etl.Documents;

namespace Etl.Tests.Documents;

public sealed class A_bson_writer
{
    const int Documents = 5_000;

    /// <summary>Writes what a reader reads, value by value.</summary>
    static void Copy(BsonReader reader, BsonWriter writer)
    {
        while (reader.Read())
            switch (reader.Type)
            {
                case BsonType.Double: writer.Write(reader.Name, reader.Double); break;
                case BsonType.String or BsonType.Symbol or BsonType.JavaScript: writer.WriteText(reader.Type, reader.Name, reader.String); break;
                case BsonType.Document:
                    Copy(reader.Nested(), writer.BeginDocument(reader.Name));
                    writer.End();
                    break;
                case BsonType.Array:
                    Copy(reader.Nested(), writer.BeginArray(reader.Name));
                    writer.End();
                    break;
                case BsonType.Binary: writer.WriteBinary(reader.Name, reader.BinaryBytes, reader.BinarySubtype); break;
                case BsonType.ObjectId: writer.WriteObjectId(reader.Name, reader.ObjectId); break;
                case BsonType.Boolean: writer.Write(reader.Name, reader.Boolean); break;
                case BsonType.DateTime: writer.WriteDateTime(reader.Name, reader.DateTime); break;
                case BsonType.Null: writer.WriteNull(reader.Name); break;
                case BsonType.RegularExpression: writer.WriteRegex(reader.Name, reader.Regex.Pattern, reader.Regex.Options); break;
                case BsonType.Int32: writer.Write(reader.Name, reader.Int32); break;
                case BsonType.Timestamp: writer.WriteTimestamp(reader.Name, reader.Timestamp); break;
                case BsonType.Int64: writer.Write(reader.Name, reader.Int64); break;
                case BsonType.Decimal128: writer.Write(reader.Name, reader.Decimal128); break;
                case BsonType.DbPointer:
                    string collection = System.Text.Encoding.UTF8.GetString(reader.DbPointer(out var id));
                    writer.WriteDbPointer(reader.Name, collection, id);
                    break;
                case BsonType.JavaScriptWithScope:
                    string code = System.Text.Encoding.UTF8.GetString(reader.CodeWithScope(out var scope));
                    var inner = new BsonWriter();
                    Copy(new BsonReader(scope), inner.BeginDocument());
                    writer.WriteCodeWithScope(reader.Name, code, inner.End().Written);
                    break;
                default: writer.WriteBare(reader.Type, reader.Name); break;
            }
    }

    [Fact]
    public void Writes_what_a_reader_has_read_byte_for_byte()
    {
        var types = new HashSet<BsonType>();
        for (int seed = 0; seed < Documents; seed++)
        {
            var document = RandomDocuments.Make(seed);
            Bson.Validate(document);
            Assert.Equal(document, Bson.Make(writer => Copy(new BsonReader(document), writer)));
            for (var reader = new BsonReader(document); reader.Read();)
                types.Add(reader.Type);
        }
        Assert.Equal(Enum.GetValues<BsonType>().Length - 1, types.Count); // all but the end of a document
    }

    [Fact]
    public void Copies_elements_and_numbers_them_anew_inside_an_array()
    {
        var source = Bson.Make(document => document.Write("x", 1).Write("y", "two"));
        var copied = Bson.Make(document =>
        {
            document.BeginArray("all").Write("first");
            for (var reader = new BsonReader(source); reader.Read();)
                document.WriteElement(reader);
            document.End();
        });
        var array = new BsonReader(copied);
        Assert.True(array.Read());
        var names = new List<string>();
        for (var items = array.Nested(); items.Read();)
            names.Add(items.Name);
        Assert.Equal(["0", "1", "2"], names);
    }

    [Fact]
    public void Can_be_used_again()
    {
        var writer = new BsonWriter(1);
        writer.BeginDocument().Write("a", 1);
        writer.Reset();
        Assert.Equal([5, 0, 0, 0, 0], writer.BeginDocument().End().ToArray());
    }

    [Fact]
    public void Refuses_NUL_in_a_name() =>
        Assert.Throws<ArgumentException>(() => Bson.Make(document => document.Write("a\0b", 1)));

    [Fact]
    public void Refuses_to_hand_out_a_document_that_is_still_open() =>
        Assert.Throws<InvalidOperationException>(() => new BsonWriter().BeginDocument().ToArray());
}
