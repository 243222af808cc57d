using Etl.Contracts;
using Etl.Documents;

namespace Quality.Commands.Quarantine;

/// <summary>A copy of a refused document in which what may not be seen is the text <c>***</c>.</summary>
internal static class MaskedBson
{
    /// <exception cref="BsonException">It cannot be read to its end.</exception>
    public static byte[] Of(Dataset dataset, ReadOnlySpan<byte> document, Disclosure disclosure)
    {
        if (disclosure.Reveal)
            return document.ToArray();
        var writer = new BsonWriter();
        writer.BeginDocument();
        Members(new BsonReader(document), disclosure.Document(dataset), writer, false, 0);
        writer.End();
        return writer.ToArray();
    }

    static void Members(BsonReader reader, Disclosure.Surroundings around, BsonWriter writer, bool isArray, int depth)
    {
        if (depth > Bson.MaxDepth)
            throw new BsonException($"nested deeper than {Bson.MaxDepth}", reader.Origin);
        while (reader.Read())
        {
            var decision = Disclosure.On(around, isArray, reader.Name, reader.Type);
            if (decision.Masked)
                writer.Write(reader.Name, Disclosure.Mask);
            else if (decision.Enter is not { } inside)
                writer.WriteElement(reader);
            else
            {
                if (reader.Type == BsonType.Array)
                    writer.BeginArray(reader.Name);
                else
                    writer.BeginDocument(reader.Name);
                Members(reader.Nested(), inside, writer, reader.Type == BsonType.Array, depth + 1);
                writer.End();
            }
        }
    }
}
