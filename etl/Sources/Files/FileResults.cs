using Etl.Documents;

namespace Etl.Sources.Files;

/// <summary>What one reader made of its files, in order, until it is moved into a batch.</summary>
internal sealed class FileResults
{
    readonly DocumentBatch documents = new(int.MaxValue, int.MaxValue);
    readonly List<(int Documents, SeenFile File)> seen = [];
    int moved, movedSeen;

    /// <summary>Files found broken, perhaps half-written.</summary>
    public List<SeenFile> Pending { get; } = [];

    public int Bytes => documents.Bytes;

    public int Count => documents.Count;

    public bool IsMoved => moved == documents.Count && movedSeen == seen.Count;

    public void Clear()
    {
        documents.Clear();
        seen.Clear();
        Pending.Clear();
        (moved, movedSeen) = (0, 0);
    }

    public void Add(ReadOnlySpan<byte> document) => documents.Add(document);

    public void AddRefused(ReadOnlySpan<byte> bytes, string mediaType, byte[] position, string reason) => documents.AddRefused(bytes, mediaType, position, reason);

    /// <summary>All that a file holds has been added: it is to be remembered with the batch that takes the last of it.</summary>
    public void Complete(in SeenFile file) => seen.Add((documents.Count, file));

    /// <summary>Moves what there is room for.</summary>
    /// <param name="complete">Takes the files of which nothing is left.</param>
    /// <returns>Whether everything found room.</returns>
    public bool MoveInto(DocumentBatch batch, List<SeenFile> complete)
    {
        int last = -1;
        for (; moved < documents.Count && batch.HasRoomFor(documents[moved].Length); moved++)
            if (documents.RefusedAt(moved) is { } refused)
            {
                batch.AddRefused(refused.Bytes.Span, refused.MediaType, refused.Position, refused.Reason);
                batch.Position = refused.Position;
                last = -1;
            }
            else
            {
                batch.Add(documents[moved]);
                last = batch.Count - 1;
            }
        if (last >= 0)
            batch.Position = Bson.Only(batch[last], "_id"u8);
        for (; movedSeen < seen.Count && seen[movedSeen].Documents <= moved; movedSeen++)
            complete.Add(seen[movedSeen].File);
        return moved == documents.Count;
    }
}
