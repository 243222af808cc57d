using Etl.Validation;
using FluentValidation;

namespace Etl.Contracts;

/// <summary>One schema entry of a contract: a collection, endpoint, folder or queue, and the tables it becomes.</summary>
public sealed class Dataset
{
    public required string Name { get; init; }

    /// <summary>What the source calls it: the collection's name.</summary>
    public required string SourceName { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The description of one document.</summary>
    public required Field Root { get; init; }

    /// <summary>Refused documents allowed, in per cent of those read; applied from <see cref="MaxRejectedFrom"/> documents on.</summary>
    public required double MaxRejected { get; init; }

    /// <summary>Documents read before <see cref="MaxRejected"/> applies: one bad document in three says nothing.</summary>
    public const int MaxRejectedFrom = 100;

    /// <summary>Path of the date that puts a document into a UTC day.</summary>
    public string? PartitionBy { get; init; }

    /// <summary>Rows whose source is gone stay, with the time in <c>_deleted_at</c>; no reader of live data counts them.</summary>
    public bool DeletesSoftly { get; init; }

    /// <summary>Set once by the reader, when the tables have been derived; the first is the root table.</summary>
    public IReadOnlyList<Table> Tables { get; internal set; } = [];

    /// <summary>Set once by the reader: quality rules that the warehouse must answer, to be asked after a load.</summary>
    public IReadOnlyList<WarehouseCheck> Checks { get; internal set; } = [];

    /// <summary>Rule sets written in code that run for every document of the dataset.</summary>
    public IReadOnlyList<IValidator<DocumentView>> RuleSets { get; internal set; } = [];

    /// <summary>The fields that make the document's key, in order.</summary>
    public IReadOnlyList<Field> Key => field ??= [.. Root.Children.Where(f => f.KeyPosition > 0).OrderBy(f => f.KeyPosition)];

    /// <summary>The table on whose line quarantined documents are counted.</summary>
    public Table RootTable => Tables[0];

    public override string ToString() => Name;
}
