namespace Etl.Loading;

/// <summary>What a sync did.</summary>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="Source">What was read, without secrets; says <c>emulator</c> when it was one.</param>
/// <param name="Checks">What the warehouse was asked afterwards: uniqueness, disputed dimension rows.</param>
public sealed record SyncResult(long Run, Verdict Verdict, string Reason, string Source, IReadOnlyList<DocumentLedger> Documents, IReadOnlyList<TableLedger> Tables, IReadOnlyList<CheckResult> Checks);

/// <summary>A check that the contract asks for and the warehouse answers.</summary>
/// <param name="Failing">Rows that fail it.</param>
/// <param name="Sample">Values and their rows, masked if personal.</param>
public sealed record CheckResult(string Table, string Column, string Rule, long Failing, IReadOnlyList<CheckSample> Sample);

public sealed record CheckSample(string Value, long Rows);
