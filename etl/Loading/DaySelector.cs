using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;

namespace Etl.Loading;

/// <summary>Tells which documents belong to certain UTC days: by the field that the contract partitions by, any of its values where arrays are on the way; by the day of their position otherwise.</summary>
public sealed class DaySelector
{
    readonly DayRange days;
    readonly ulong firstDay, lastDay;
    readonly (byte[] Name, bool IsArray)[] path;
    readonly TimeForm? form;
    readonly Cleaner? cleaner;
    readonly FieldBuffer cleaned = new(64);
    readonly long start, end;
    readonly bool byPosition;

    DaySelector(Dataset dataset, DayRange days)
    {
        this.days = days;
        (start, end) = (Microseconds(days.Start), Microseconds(days.End));
        byPosition = HasDays(dataset);
        (firstDay, lastDay) = (EventPosition.Of(EventPosition.StartOf(days.From)).Partition, EventPosition.Of(EventPosition.StartOf(days.To)).Partition);
        path = dataset.PartitionField is null ? [] : dataset.PartitionPath;
        form = dataset.PartitionField?.Time;
        cleaner = dataset.PartitionField?.Cleaning is { } cleaning ? new Cleaner(cleaning) : null;
    }

    /// <returns>Null where everything belongs: no days were asked for, or the dataset has none.</returns>
    public static DaySelector? For(Dataset dataset, DayRange? days) => days is null || dataset.PartitionField is null && !HasDays(dataset) ? null : new DaySelector(dataset, days);

    /// <summary>Whether the dataset's source is asked day by day: then a document belongs to the day that it was given for.</summary>
    public static bool HasDays(Dataset dataset) => dataset.Server.Kind == ServerKinds.Http;

    /// <summary>What to ask the source for, where its positions are days; others take no notice of days.</summary>
    public static ScanRange RangeOf(Dataset dataset, DayRange? days) => days is null || !HasDays(dataset) ? ScanRange.Whole
        : new ScanRange(EventPosition.StartOf(days.From), EventPosition.StartOf(days.To.AddDays(1)));

    static long Microseconds(DateTimeOffset time) => (time - new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A document without a readable day belongs to none.</summary>
    public bool Selects(ReadOnlySpan<byte> document)
    {
        if (byPosition)
            return EventPosition.Of(document) is not { Day: true, Partition: var day } || day >= firstDay && day <= lastDay;
        try
        {
            return Find(new BsonReader(document), 0);
        }
        catch (BsonException)
        {
            return false;
        }
    }

    bool Find(BsonReader reader, int step)
    {
        if (!Bson.Find(ref reader, path[step].Name))
            return step == path.Length - 1 && Matches(Validation.Rule.Missing, default);
        if (path[step].IsArray && reader.Type == BsonType.Array)
        {
            for (var items = reader.Nested(); items.Read();)
                if (step == path.Length - 1 ? Matches(items.Type, items.Value) : items.Type == BsonType.Document && Find(items.Nested(), step + 1))
                    return true;
            return false;
        }
        return step == path.Length - 1 ? Matches(reader.Type, reader.Value) : reader.Type == BsonType.Document && Find(reader.Nested(), step + 1);
    }

    bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        cleaned.Truncate();
        if (cleaner?.Clean(ref type, value, cleaned) == true)
            value = cleaned.Written;
        if (type is Validation.Rule.Missing or BsonType.Null or BsonType.Undefined)
            return false;
        if (form is not null)
            return TimeReader.TryRead(form, type, value, out long at) == Fit.Fits && at >= start && at < end;
        if (type != BsonType.DateTime)
            return false;
        long milliseconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(value);
        return milliseconds >= days.Start.ToUnixTimeMilliseconds() && milliseconds < days.End.ToUnixTimeMilliseconds();
    }
}
