using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Etl.Flattening;

/// <summary>Finds one part of a document's key in the document, without flattening it.</summary>
/// <param name="path">The names on the way to it.</param>
internal sealed class KeyField(Field field, byte[][] path)
{
    readonly TypeRule accepted = new(field.Accepted);
    readonly Cleaner? cleaner = field.Cleaning is { } cleaning ? new Cleaner(cleaning) : null;
    readonly FieldBuffer cleaned = new(64);

    /// <summary>Appends it as a binary COPY field behind its length.</summary>
    /// <returns>False: it is not there, or fits no column; then the output is of no use.</returns>
    public bool Write(ReadOnlySpan<byte> document, FieldBuffer output)
    {
        int start = output.Length;
        output.Int32(0);
        if (field.IsContentHash)
            output.Int64(Flattener.ContentHash(document));
        else if (!WriteValue(document, output))
            return false;
        output.PatchInt32(start, output.Length - start - 4);
        return true;
    }

    bool WriteValue(ReadOnlySpan<byte> document, FieldBuffer output)
    {
        var type = Rule.Missing;
        ReadOnlySpan<byte> value = default;
        if (Find(document, out var at))
        {
            type = at.Type;
            value = at.Value;
        }
        cleaned.Truncate();
        if (cleaner?.Clean(ref type, value, cleaned) == true)
            value = cleaned.Written;
        // An ObjectId could be written as text too; but where the contract wants a string, its document is refused, and its place in the
        // order of the source is not where that text would stand in the table.
        return type is not (Rule.Missing or BsonType.Null or BsonType.Undefined) && accepted.Allows(type, value) && ValueEncoder.Write(type, value, field, output) == Fit.Fits;
    }

    bool Find(ReadOnlySpan<byte> document, out BsonReader at)
    {
        at = new BsonReader(document);
        for (int i = 0; i < path.Length; i++)
        {
            if (i > 0 && at.Type != BsonType.Document)
                return false;
            if (i > 0)
                at = at.Nested();
            if (!Bson.Find(ref at, path[i]))
                return false;
        }
        return true;
    }
}
