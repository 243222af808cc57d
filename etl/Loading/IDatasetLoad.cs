namespace Etl.Loading;

/// <summary>The loading of one dataset, and what came of it.</summary>
internal interface IDatasetLoad
{
    DocumentLedger Documents { get; }

    IReadOnlyList<TableLedger> Tables { get; }

    /// <summary>What was found out by the way.</summary>
    List<CheckResult> Checks { get; }

    /// <summary>What to know of the books.</summary>
    List<string> Remarks { get; }

    Task RunAsync(CancellationToken cancellation);
}
