using Chaos.Generation;
using Etl.Contracts;

namespace Chaos.Corruption;

/// <summary>Chooses the victims among many documents and breaks each of them once; the same ones for the same seed, in whatever order they come.</summary>
/// <param name="kinds">The kinds wanted; null: all that the contract gives an occasion for.</param>
public sealed class CorruptionCampaign(Dataset dataset, int seed, IReadOnlyList<CorruptionKind>? kinds = null)
{
    /// <summary>Candidates kept for each victim wanted: some have no place for some kinds.</summary>
    const int SpareCandidates = 20;

    readonly Corruptor corruptor = new(dataset, seed);

    /// <summary>The wanted kinds that apply to this dataset.</summary>
    public IReadOnlyList<CorruptionKind> Kinds => field ??= [.. corruptor.Applicable.Where(k => kinds is null || kinds.Contains(k))];

    /// <summary>So many documents of each kind, no document twice. Fewer where there are not enough that a kind fits.</summary>
    /// <param name="documents">Read once; a bounded number is kept.</param>
    public IReadOnlyList<CorruptedDocument> Corrupt(IEnumerable<ReadOnlyMemory<byte>> documents, int perKind)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perKind);
        var victims = Candidates(documents, checked(perKind * Kinds.Count * SpareCandidates));
        var corrupted = new List<CorruptedDocument>();
        for (int round = 0; round < perKind; round++)
            foreach (var kind in Kinds)
                for (int i = 0; i < victims.Count; i++)
                    if (corruptor.Corrupt(kind, victims[i].Span) is { } broken)
                    {
                        corrupted.Add(broken);
                        victims.RemoveAt(i);
                        break;
                    }
        return corrupted;
    }

    /// <summary>A share of all documents, each broken in a way chosen by the seed; nothing is kept in memory.</summary>
    /// <param name="share">From 0 to 1.</param>
    public IEnumerable<CorruptedDocument> CorruptShare(IEnumerable<ReadOnlyMemory<byte>> documents, double share)
    {
        if (share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies from 0 to 1.");
        return Kinds.Count == 0 ? [] : documents.Where(d => Rank(d) < share * ulong.MaxValue).Select(AnyKind).OfType<CorruptedDocument>();
    }

    CorruptedDocument? AnyKind(ReadOnlyMemory<byte> document)
    {
        int first = (int)(Chance.Mix(Rank(document), (ulong)seed) % (ulong)Kinds.Count);
        return Enumerable.Range(first, Kinds.Count).Select(i => corruptor.Corrupt(Kinds[i % Kinds.Count], document.Span)).FirstOrDefault(c => c is not null);
    }

    /// <summary>The documents of the lowest ranks, in order of rank.</summary>
    List<ReadOnlyMemory<byte>> Candidates(IEnumerable<ReadOnlyMemory<byte>> documents, int most)
    {
        var lowest = new PriorityQueue<(ReadOnlyMemory<byte> Document, ulong Rank), ulong>(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
        foreach (var document in documents)
        {
            ulong rank = Rank(document);
            if (lowest.Count < most)
                lowest.Enqueue((document, rank), rank);
            else if (most > 0)
                lowest.EnqueueDequeue((document, rank), rank);
        }
        return [.. lowest.UnorderedItems.Select(i => i.Element).OrderBy(e => e.Rank).Select(e => e.Document)];
    }

    ulong Rank(ReadOnlyMemory<byte> document) => Chance.Mix((ulong)seed, Corruptor.Hash(document.Span));
}
