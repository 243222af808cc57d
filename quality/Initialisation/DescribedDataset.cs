namespace Quality.Initialisation;

/// <summary>One collection as the contract will describe it.</summary>
internal sealed class DescribedDataset
{
    public required string Name { get; init; }

    /// <summary>Documents that were read: all of the collection.</summary>
    public required long Documents { get; init; }

    /// <summary>Documents that were kept, to look at their texts.</summary>
    public required int Sampled { get; init; }

    public required IReadOnlyList<DescribedField> Fields { get; init; }

    /// <summary>Read as events: the only way to have a key that MongoDB and PostgreSQL do not sort alike.</summary>
    public bool AsEvents { get; init; }

    public string? PartitionBy { get; init; }

    public string Table { get; set; } = "";

    /// <summary>Where somebody else fills its table; null: it is to be filled by this contract.</summary>
    public string? ExternalSchema { get; init; }

    public List<string> Notes { get; } = [];

    /// <summary>What could not be decided, about the documents as a whole.</summary>
    public List<string> Doubts { get; } = [];

    public IEnumerable<DescribedField> AllFields => Fields.SelectMany(f => f.All);

    /// <summary>All doubts, each with the path that it is about.</summary>
    public IEnumerable<(string Path, string Doubt)> AllDoubts =>
        Doubts.Select(d => ("", d)).Concat(AllFields.SelectMany(f => f.Doubts.Select(d => (f.Seen.Path, d))));
}
