using Etl.Marts;
using Etl.Sources;

namespace Etl.Loading;

/// <summary>What a sync did.</summary>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="Source">What was read, without secrets; says <c>emulator</c> when it was one.</param>
/// <param name="Effort">What reading the source took.</param>
/// <param name="Checks">What the warehouse was asked afterwards: uniqueness, disputed dimension rows.</param>
public sealed record SyncResult(long Run, Verdict Verdict, string Reason, string Source, IReadOnlyList<DocumentLedger> Documents, IReadOnlyList<TableLedger> Tables, IReadOnlyList<CheckResult> Checks, SourceEffort Effort)
{
    /// <summary>What was made of the tables, in the order of making.</summary>
    public IReadOnlyList<MartResult> Marts { get; init; } = [];

    /// <summary>The verdict on the loaded tables alone, whatever became of the marts.</summary>
    public (Verdict Verdict, string Reason) OfTables { get; init; } = (Verdict, Reason);

    /// <summary>The verdict on the marts alone; its trouble is null where there is none.</summary>
    public (Verdict Verdict, string? Trouble) OfMarts { get; init; }
}

/// <summary>A check that the contract asks for and the warehouse answers.</summary>
/// <param name="Failing">Rows that fail it.</param>
/// <param name="Sample">Values and their rows, masked if personal.</param>
public sealed record CheckResult(string Table, string Column, string Rule, long Failing, IReadOnlyList<CheckSample> Sample)
{
    /// <summary>The rule of a table that has lost its key to rows that share one.</summary>
    public const string PrimaryKey = "primaryKey";

    /// <summary>Rules of marts: that it could be made, that its key holds, and its own questions.</summary>
    public const string MartBuild = "martBuild", MartKey = "martKey", Mart = "mart";

    /// <summary>The contract's own name for the rule; empty: it has none.</summary>
    public string Name { get; init; } = "";

    public decimal? Measured { get; init; }

    /// <summary>Completes "must be …"; null where the failing rows say it all.</summary>
    public string? Expected { get; init; }

    /// <summary>What <see cref="Measured"/> counts.</summary>
    public string? Unit { get; init; }

    /// <summary>Null: unknown, nothing could be measured.</summary>
    public bool? Holds { get; init; } = Failing == 0;

    /// <summary>Broken, it is worth a line, but does not spoil the verdict.</summary>
    public bool Warns { get; init; } = true;

    /// <summary>Why it could not be asked.</summary>
    public string? Failure { get; init; }

    /// <summary>The whole story, where the measure alone does not tell it; null elsewhere.</summary>
    public string? Sentence { get; init; }

    public string Place => Column.Length == 0 ? Table : $"{Table}.{Column}";
}

public sealed record CheckSample(string Value, long Rows);
