using Chaos.Corruption;
using Chaos.Generation;
using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;
using Etl.Validation;

namespace Chaos.Load;

/// <summary>
/// Writes to a MongoDB as applications do, whatever the contract: copies documents that are there under new keys, replaces those copies, and
/// deletes them. It touches no document that it has not inserted itself, and can take all of them out again. Safe for several threads.
/// </summary>
public sealed class SourceWriter
{
    /// <summary>Documents of each dataset that are copied.</summary>
    const int MostTemplates = 200;

    readonly MongoConnection connection;
    readonly IDocumentSource source;
    readonly string database;
    readonly IReadOnlyList<Herd> herds;

    /// <summary>A dataset, what is copied, and what was inserted and is still there.</summary>
    sealed class Herd(Dataset dataset, IReadOnlyList<byte[]> templates)
    {
        readonly IReadOnlyList<DescribedField> fields = DescribedField.Of(dataset);
        BusinessKeyCopy Copies => field ??= new BusinessKeyCopy(fields);

        public Dataset Dataset => dataset;

        /// <summary>Positions, as <see cref="IDocumentSource.PositionOf"/> tells them.</summary>
        public List<byte[]> Own { get; } = [];

        /// <returns>Null where there is nothing to copy, or the keys of that document cannot be made anew.</returns>
        public byte[]? Copy(Random random)
        {
            if (templates.Count == 0)
                return null;
            byte[] template = random.Pick(templates);
            return Copies.Make(null, [.. Place.In(fields, template)], template, random);
        }
    }

    SourceWriter(MongoConnection connection, IDocumentSource source, string database, IReadOnlyList<Herd> herds) =>
        (this.connection, this.source, this.database, this.herds) = (connection, source, database, herds);

    /// <summary>Reads what it is going to copy.</summary>
    /// <exception cref="UsageException">There is no document that the contract accepts and whose keys can be made anew.</exception>
    public static async Task<SourceWriter> OpenAsync(MongoConnection connection, IDocumentSource source, Contract contract, int seed, CancellationToken cancellation)
    {
        var herds = new List<Herd>();
        foreach (var dataset in contract.Datasets)
        {
            var herd = new Herd(dataset, await TemplatesAsync(source, dataset, cancellation));
            if (herd.Copy(Chance.Seeded((ulong)seed)) is not null)
                herds.Add(herd);
        }
        return herds.Count > 0 ? new SourceWriter(connection, source, connection.Database ?? contract.Database!, herds)
            : throw new UsageException($"The load copies documents of the source, and '{contract.Pipeline}' has none that its contract accepts and whose keys can be made anew. Fill the source first: for instance quality generate community.");
    }

    static async Task<IReadOnlyList<byte[]>> TemplatesAsync(IDocumentSource source, Dataset dataset, CancellationToken cancellation)
    {
        var (templates, validator) = (new List<byte[]>(), new DocumentValidator(dataset));
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        await foreach (var batch in scan.BatchesAsync(cancellation: cancellation))
        {
            for (int i = 0; i < batch.Count && templates.Count < MostTemplates; i++)
            {
                byte[] document = batch[i].ToArray();
                if (validator.Explain(document).All(v => v.Severity != Violation.Error))
                    templates.Add(document);
            }
            if (templates.Count >= MostTemplates)
                break;
        }
        return templates;
    }

    /// <summary>Documents inserted and not deleted since.</summary>
    public int Written
    {
        get
        {
            lock (herds)
                return herds.Sum(h => h.Own.Count);
        }
    }

    /// <summary>The positions of a dataset's documents that it inserted and has not deleted, in hexadecimal.</summary>
    public IReadOnlySet<string> PositionsOf(Dataset dataset)
    {
        lock (herds)
            return herds.Where(h => h.Dataset == dataset).SelectMany(h => h.Own).Select(Convert.ToHexString).ToHashSet();
    }

    public async Task InsertAsync(Random random, CancellationToken cancellation)
    {
        var (herd, document) = Copy(random, random.Pick(herds));
        byte[] position = source.PositionOf(herd.Dataset, document);
        lock (herds)
            herd.Own.Add(position); // before it is there: a writer that is cancelled must still take it out
        await SendAsync(herd, "insert", w => w.BeginArray("documents").WriteDocument("", document).End(), cancellation);
    }

    /// <summary>Puts the content of another copy in place of one, children and all; inserts where there is none yet.</summary>
    public async Task UpdateAsync(Random random, CancellationToken cancellation)
    {
        if (Choose(random, take: false) is not { } chosen)
        {
            await InsertAsync(random, cancellation);
            return;
        }
        var (_, copy) = Copy(random, chosen.Herd);
        byte[] document = DocumentEditor.Set(copy, [new PathStep("_id")], IdOf(chosen.Position));
        await SendAsync(chosen.Herd, "update", w => w.BeginArray("updates").BeginDocument().WriteDocument("q", chosen.Position).WriteDocument("u", document).End().End(), cancellation);
    }

    /// <summary>Inserts where there is none to delete.</summary>
    public async Task DeleteAsync(Random random, CancellationToken cancellation)
    {
        if (Choose(random, take: true) is not { } chosen)
        {
            await InsertAsync(random, cancellation);
            return;
        }
        try
        {
            await DeleteAsync(chosen.Herd, [chosen.Position], cancellation);
        }
        catch
        {
            lock (herds)
                chosen.Herd.Own.Add(chosen.Position);
            throw;
        }
    }

    /// <summary>Takes out what it inserted: the source is as it was before.</summary>
    public async Task RemoveAllAsync(CancellationToken cancellation)
    {
        const int atOnce = 1_000;
        foreach (var herd in herds)
        {
            foreach (var chunk in herd.Own.ToArray().Chunk(atOnce))
                await DeleteAsync(herd, chunk, cancellation);
            lock (herds)
                herd.Own.Clear();
        }
    }

    Task DeleteAsync(Herd herd, IReadOnlyList<byte[]> positions, CancellationToken cancellation) => SendAsync(herd, "delete", w =>
    {
        w.BeginArray("deletes");
        foreach (byte[] position in positions)
            w.BeginDocument().WriteDocument("q", position).Write("limit", 1).End();
        w.End();
    }, cancellation);

    (Herd Herd, byte[] Position)? Choose(Random random, bool take)
    {
        lock (herds)
        {
            int left = herds.Sum(h => h.Own.Count);
            if (left == 0)
                return null;
            left = random.Next(left);
            foreach (var herd in herds)
            {
                if (left < herd.Own.Count)
                {
                    byte[] position = herd.Own[left];
                    if (take)
                    {
                        herd.Own[left] = herd.Own[^1];
                        herd.Own.RemoveAt(herd.Own.Count - 1);
                    }
                    return (herd, position);
                }
                left -= herd.Own.Count;
            }
        }
        throw new InvalidOperationException("The documents were counted wrong.");
    }

    static (Herd, byte[] Document) Copy(Random random, Herd herd)
    {
        for (int attempt = 0; attempt < MostTemplates; attempt++)
            if (herd.Copy(random) is { } copy)
                return (herd, copy);
        throw new InvalidOperationException($"No document of '{herd.Dataset.Name}' can be copied under new keys.");
    }

    static BsonValue IdOf(byte[] position)
    {
        var reader = new BsonReader(position);
        reader.Read();
        return new BsonValue(reader.Type, reader.Value.ToArray());
    }

    async Task SendAsync(Herd herd, string verb, Action<BsonWriter> items, CancellationToken cancellation)
    {
        byte[] command = Bson.Make(w =>
        {
            w.Write(verb, herd.Dataset.SourceName);
            items(w);
        });
        MongoDocumentSink.ThrowOnErrors(await connection.CommandAsync(database, command, cancellation), $"{verb} of {database}.{herd.Dataset.SourceName}");
    }
}
