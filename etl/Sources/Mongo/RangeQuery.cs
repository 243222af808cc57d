using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>The find that reads documents between two positions in the order of <c>_id</c>, across all types of ids.</summary>
/// <param name="Picked">Ids to read; null: all.</param>
/// <param name="HasTextIds">Whether ids may be texts: then they are to come by their bytes, whatever the collection's collation is.</param>
internal sealed record RangeQuery(ScanRange Range, IReadOnlyList<byte[]>? Picked, bool HasTextIds = true)
{
    /// <summary>Documents the server is asked for at a time; measured best between 1,000 and 10,000.</summary>
    const int BatchSize = 1_000;

    /// <summary>A filter besides; null: none.</summary>
    public byte[]? Where { get; init; }

    /// <summary>The driver's filter and options.</summary>
    /// <param name="after">Where reading begins, that position included; null: at the beginning of the range.</param>
    /// <param name="majority">Whether to see only what a majority of the servers has.</param>
    public (byte[] Filter, byte[] Options) Build(CollectionKind kind, byte[]? after, bool majority)
    {
        byte[]? from = IsEmpty(after) ? Range.From : after;
        bool indexed = kind == CollectionKind.Collection || kind == CollectionKind.Collated && !HasTextIds;
        byte[] filter = Bson.Make(w =>
        {
            if (Where is not null)
                w.BeginArray("$and").WriteDocument(default, Where).End();
            if (Picked is not null)
                WritePicked(w);
            if (!indexed && (from ?? Range.To) is not null)
                WriteComparison(w, from, Range.To);
        });
        byte[] options = Bson.Make(w =>
        {
            w.BeginDocument("sort").Write("_id", 1).End().Write("batchSize", BatchSize);
            if (majority)
                w.BeginDocument("readConcern").Write("level", "majority").End();
            if (kind == CollectionKind.Collated && !indexed)
                w.BeginDocument("collation").Write("locale", "simple").End();
            if (!indexed)
                w.Write("allowDiskUse", true);
            else if ((from ?? Range.To) is not null)
            {
                // min, max and hint walk the index between two keys, across types; a query by $gt would see only ids of the same type.
                // A clustered collection takes the same hint.
                w.BeginDocument("hint").Write("_id", 1).End();
                if (from is not null)
                    w.WriteDocument("min", from);
                if (Range.To is not null)
                    w.WriteDocument("max", Range.To);
            }
        });
        return (filter, options);
    }

    static bool IsEmpty(byte[]? position) => position is null || position.Length <= BsonReader.SmallestDocument;

    void WritePicked(BsonWriter w)
    {
        w.BeginDocument("_id").BeginArray("$in");
        foreach (byte[] position in Picked!)
            w.WriteElement(IdOf(position));
        w.End().End();
    }

    /// <summary>Expressions compare across types, as sorting does; queries do not.</summary>
    static void WriteComparison(BsonWriter w, byte[]? from, byte[]? to)
    {
        w.BeginDocument("$expr").BeginArray("$and");
        foreach (var (comparison, position) in ((string, byte[]?)[])[("$gte", from), ("$lt", to)])
            if (position is not null)
            {
                var id = IdOf(position);
                w.BeginDocument().BeginArray(comparison).Write("$_id").BeginDocument().WriteRaw(id.Type, "$literal", id.Value).End().End().End();
            }
        w.End().End();
    }

    static BsonReader IdOf(byte[] position)
    {
        var id = new BsonReader(position);
        id.Read();
        return id;
    }
}
