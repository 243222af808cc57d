using System.Buffers.Binary;
using Etl.Documents;

namespace Etl.Sources.Csv;

/// <summary>Makes a document of a record: its line as <c>_id</c>, then its values, as text or null. Written by hand, byte for byte: a file has millions of them.</summary>
internal sealed class CsvDocument(CsvHeader header, CsvEncoding encoding, CsvEmpty empty)
{
    const int IdEnd = 4 + 1 + 4 + 8; // length, type, "_id\0", line

    readonly byte[][] texts = header.Elements(BsonType.String), nulls = header.Elements(BsonType.Null);
    readonly int names = header.Elements(BsonType.String).Sum(e => e.Length + 5);
    byte[] buffer = [];
    int length;

    /// <summary>The document of the last record that gave one.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <returns>What is wrong with the record, in one line; null: nothing.</returns>
    public string? Write(CsvReader record)
    {
        if (record.Problem is { } problem)
            return problem;
        if (record.Count != texts.Length)
            return $"Line {record.Line:N0} has {record.Count:N0} values; the header names {texts.Length:N0} columns.";
        if (!encoding.MayBeValid(record.Bytes))
            return $"Line {record.Line:N0} has bytes that are not {encoding.Name}.";
        int most = IdEnd + names + record.Bytes.Length * encoding.Growth + 1;
        if (buffer.Length < most)
            buffer = new byte[Math.Max(most, buffer.Length * 2)];
        Id(buffer, record.Line);
        length = IdEnd;
        for (int i = 0; i < texts.Length; i++)
        {
            var value = record[i];
            if (value.Length == 0 && (empty == CsvEmpty.IsNull || empty == CsvEmpty.UnquotedIsNull && !record.IsQuoted(i)))
            {
                Append(nulls[i]);
                continue;
            }
            Append(texts[i]);
            int bytes = encoding.TryConvert(value, buffer.AsSpan(length + 4));
            if (bytes < 0)
                return $"Line {record.Line:N0} has bytes in '{header.Columns[i]}' that are not {encoding.Name}.";
            if (record.IsDoubled(i))
                bytes = Undouble(buffer.AsSpan(length + 4, bytes));
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(length), bytes + 1);
            length += 4 + bytes;
            buffer[length++] = 0;
        }
        buffer[length++] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        return length <= Bson.MaxDocumentSize ? null : $"Line {record.Line:N0} makes a document of {length:N0} bytes; {Bson.MaxDocumentSize:N0} are the most.";
    }

    /// <summary>{ _id: the line }.</summary>
    public static byte[] PositionOf(long line)
    {
        byte[] position = new byte[IdEnd + 1];
        Id(position, line);
        BinaryPrimitives.WriteInt32LittleEndian(position, position.Length);
        return position;
    }

    static void Id(Span<byte> document, long line)
    {
        document[4] = (byte)BsonType.Int64;
        "_id\0"u8.CopyTo(document[5..]);
        BinaryPrimitives.WriteInt64LittleEndian(document[9..], line);
    }

    void Append(byte[] element)
    {
        element.CopyTo(buffer.AsSpan(length));
        length += element.Length;
    }

    /// <summary>Of each two quotes, one; in place.</summary>
    static int Undouble(Span<byte> text)
    {
        int to = 0;
        for (int from = 0; from < text.Length; to++)
        {
            byte b = text[to] = text[from];
            from += b == '"' ? 2 : 1;
        }
        return to;
    }
}
