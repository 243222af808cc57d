using System.Buffers.Binary;
using Etl.Flattening;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// Compares the rows of a batch with those that a table has for the same documents, by key and hash, on our side of the connection:
/// what is equal is never sent. Used again for every batch.
/// </summary>
internal sealed class KnownRows(NpgsqlConnection connection, MergeSql merge, EncodedRows rows, BatchKeys keys)
{
    /// <summary>Places kept in memory at most. Where more is to be removed, as when most of a collection is gone, the database does it by itself.</summary>
    const int MaxRemoved = 100_000;

    readonly int[] keyColumns = [.. merge.KeyBesidesDocument.Select(c => rows.Table.Columns.ToList().IndexOf(c))];
    readonly int documentColumn = rows.Table.Columns.ToList().IndexOf(rows.Table.DocumentKey[0]);
    readonly bool documentIsKey = rows.Table.DocumentKey[0].IsKey;
    readonly bool hasOneRowADocument = rows.Table.DocumentKey[0].IsKey && merge.KeyBesidesDocument.Count == 0;

    /// <summary>Places of rows whose document the source no longer has.</summary>
    public List<string> Gone { get; } = [];

    /// <summary>Places of rows that an accepted document of the batch no longer has.</summary>
    public List<string> Vanished { get; } = [];

    /// <summary>Marks each row of the batch as new, changed or unchanged, and finds those to remove.</summary>
    /// <param name="changed">By number of the document: set where a row of it vanished.</param>
    /// <param name="heldBack">By number of the document: set where a refused document has rows.</param>
    /// <returns>False when it is not that simple: a key stands twice, or under another document.</returns>
    public async Task<bool> CompareAsync(ScanBounds bounds, bool[] changed, bool[] heldBack, CancellationToken cancellation)
    {
        Gone.Clear();
        Vanished.Clear();
        if (hasOneRowADocument ? !rows.IndexByDocument(changed.Length) : !rows.Index())
            return false;
        await using var stream = await connection.BeginRawBinaryCopyAsync(merge.CopyKnown(bounds), cancellation);
        await using var stop = cancellation.Register(stream.Cancel);
        return Compare(stream, changed, heldBack, cancellation);
    }

    bool Compare(Stream stream, bool[] changed, bool[] heldBack, CancellationToken cancellation)
    {
        var reader = new CopyReader(stream);
        bool simple = true;
        for (int count = 0; reader.Read(); count++) // to the end in any case: a COPY that is broken off takes the connection's next statement with it
        {
            if ((count & 0xFFF) == 0)
                cancellation.ThrowIfCancellationRequested();
            var fields = reader.Fields;
            var place = Next(ref fields);
            var document = Next(ref fields);
            int owner = keys.Find(document);
            int row;
            if (hasOneRowADocument)
                row = owner < 0 ? -1 : rows.FindByDocument(keys.NumberOf(owner));
            else
            {
                var key = documentIsKey ? rows.Hasher.Column(documentColumn, document) : default;
                foreach (int column in keyColumns)
                    key += rows.Hasher.Column(column, Next(ref fields));
                row = rows.Find(key);
            }
            bool hasHash = BinaryPrimitives.ReadInt32BigEndian(fields) >= 0;
            // The field after the hash is a boolean, one byte behind its length.
            bool isDeleted = fields[^1] != 0;
            var hash = hasHash ? Hash128.Read(fields[4..]) : default;
            if (row >= 0)
            {
                simple &= owner >= 0 && rows.DocumentOf(row) == keys.NumberOf(owner) && rows[row] == RowState.New;
                rows[row] = hasHash && !isDeleted && hash == rows.HashOf(row) ? RowState.Unchanged : RowState.Changed;
            }
            else if (isDeleted || Gone.Count + Vanished.Count >= MaxRemoved)
                continue;
            else if (owner < 0)
                Gone.Add(Tid(place));
            else if (keys.IsAccepted(owner))
            {
                Vanished.Add(Tid(place));
                changed[keys.NumberOf(owner)] = true;
            }
            else
                heldBack[keys.NumberOf(owner)] = true;
        }
        return simple && Gone.Count + Vanished.Count < MaxRemoved;
    }

    /// <summary>A row's place (block, number) as PostgreSQL reads it.</summary>
    static string Tid(ReadOnlySpan<byte> place) => $"({BinaryPrimitives.ReadUInt32BigEndian(place)},{BinaryPrimitives.ReadUInt16BigEndian(place[4..])})";

    /// <summary>A field without its length; keys and places are never NULL, and a NULL would be empty.</summary>
    static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> fields)
    {
        int length = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(fields));
        var field = fields.Slice(4, length);
        fields = fields[(4 + length)..];
        return field;
    }
}
