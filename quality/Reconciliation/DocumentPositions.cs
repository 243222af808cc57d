using System.Buffers.Binary;
using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Quality.Reconciliation;

/// <summary>Turns a document's key, as tables hold it, back into the position where its source has it. Keys of ordered datasets are <c>_id</c> alone, of one type.</summary>
internal static class DocumentPositions
{
    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    const int ObjectIdDigits = 24, MicrosecondsPerMillisecond = 1_000;
    const byte UuidSubtype = 4;

    /// <param name="field">A binary COPY field with its length.</param>
    /// <returns>Null: no document of the source can have this key.</returns>
    public static byte[]? Of(Dataset dataset, ReadOnlySpan<byte> field)
    {
        var key = dataset.Key[0];
        byte[] value = field[4..].ToArray();
        switch (key.ColumnType)
        {
            case ColumnType.Text when key.Accepted.Contains(BsonType.ObjectId):
                string text = Encoding.UTF8.GetString(value);
                return text.Length == ObjectIdDigits && text.All(char.IsAsciiHexDigitLower) ? Make(w => w.WriteObjectId("_id", Convert.FromHexString(text))) : null;
            case ColumnType.Text:
                return Make(w => w.WriteUtf8("_id", value));
            case ColumnType.Integer: // numbers are found whatever their type is
                return Make(w => w.Write("_id", BinaryPrimitives.ReadInt32BigEndian(value)));
            case ColumnType.BigInt:
                return Make(w => w.Write("_id", BinaryPrimitives.ReadInt64BigEndian(value)));
            case ColumnType.Timestamp:
                long microseconds = BinaryPrimitives.ReadInt64BigEndian(value);
                return microseconds % MicrosecondsPerMillisecond != 0 ? null
                    : Make(w => w.WriteDateTime("_id", microseconds / MicrosecondsPerMillisecond + Epoch.ToUnixTimeMilliseconds()));
            case ColumnType.Boolean:
                return Make(w => w.Write("_id", value[0] != 0));
            case ColumnType.Uuid:
                return Make(w => w.WriteBinary("_id", value, UuidSubtype));
            default:
                return null;
        }
    }

    static byte[] Make(Action<BsonWriter> write) => Bson.Make(write);
}
