using Quality.Reports;
using Quality.Tests.Reports;

namespace Browser.Tests;

/// <summary>The states that the report must look well in.</summary>
static class Looks
{
    static readonly DateTimeOffset now = SampleReport.Start.AddMinutes(8);

    public static IReadOnlyList<(string Name, QualityReport Report)> All =>
    [
        ("reconciled", SampleReport.Of()),
        ("mismatched", SampleReport.Of(reconciled: false)),
        ("not-compared", QualityReport.Of(now, "Quality", [(SampleReport.Pipeline() with { Rounds = [], Comparison = null, Experiments = [], Quarantine = QuarantineFacts.None, Throughput = RunThroughput.None, History = [], Drift = DriftFacts.None, Rules = [], Contract = ContractFacts.Absent("The contract that the run used (version 1.2.0, SHA-256 b1946ac9) cannot be found: the journal did not keep it.") }).Judged()])),
        ("stable", QualityReport.Of(now, "Quality", [(SampleReport.Pipeline() with { Drift = new(3, 239_262, 0, []), Rules = [.. SampleReport.Pipeline().Rules.Select(r => r with { Refused = 0, Broken = 0, Sample = null })], Quarantine = QuarantineFacts.None }).Judged()])),
        ("no-runs", QualityReport.Of(now, "Quality", [])),
        ("several", QualityReport.Of(now, "Quality", [SampleReport.Pipeline(), SampleReport.Pipeline(reconciled: false, "cards"), PipelineReport.Blank("crm").Judged()])),
        ("hostile", Hostile),
        ("long-names", LongNames),
    ];

    /// <summary>Names as long as PostgreSQL allows, in every place that shows one.</summary>
    static QualityReport LongNames
    {
        get
        {
            const string Schema = "customer_relationship_management_production_of_the_whole_group", Column = "number_of_outstanding_invoices_across_all_subsidiaries_by_day",
                Path = "customerRelationshipManagement.listOfContactPersonsWithinTheOrganisation[].numberOfOutstandingInvoicesAcrossAllSubsidiaries";
            string Table(int i) => $"{Schema}.list_of_contact_persons_within_the_organisation_number_{i:00000}";
            var sample = SampleReport.Pipeline(reconciled: false);
            var round = sample.Rounds[^1];
            var tables = sample.Contract.Tables;
            return QualityReport.Of(now, "Quality", [(sample with
            {
                Pipeline = "customer-relationship-management-of-the-whole-group-worldwide",
                Shipped = false,
                Rounds = [.. Enumerable.Repeat(round, 9), round with { Tables = [.. round.Tables.Select((t, i) => t with { Table = Table(i), Samples = [.. t.Samples.Select(s => s with { Key = $"{Column}=***", Cells = [.. s.Cells.Select(c => c with { Column = Column })] })] })] }],
                Books = [.. sample.Books.Select(b => b with { Dataset = "organisationsAndTheirContactPersonsOfTheWholeGroupWorldwide" })],
                TableBooks = [.. sample.TableBooks.Select((b, i) => b with { Table = Table(i) })],
                Checks = [.. sample.Checks.Select(c => c with { Table = Table(1), Column = Column })],
                Rules = [.. sample.Rules.Select(r => r with { Path = Path })],
                Drift = sample.Drift with { Entries = [.. sample.Drift.Entries.Select(d => d with { Path = Path })] },
                Contract = sample.Contract with { Tables = [.. tables.Select(t => t with { Columns = [.. t.Columns.Select(c => c with { Column = Column, Path = Path })] })] },
            }).Judged()]);
        }
    }

    public static QualityReport Hostile
    {
        get
        {
            const string Attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> javascript:alert(3) \u202Egnp.exe\u0000\u200B 😀 مرحبا";
            var sample = SampleReport.Pipeline(reconciled: false);
            var round = sample.Rounds[^1];
            return QualityReport.Of(now, Attack, [(sample with
            {
                Pipeline = Attack,
                Sync = sample.Sync! with { Source = Attack },
                Rounds = [round with { Tables = [.. round.Tables.Select(t => t with { Table = Attack, Reason = Attack, Samples = [new("changed", Attack, false, [new(Attack, "text", Attack, new string('x', 5000), false)])] })] }],
                Books = [.. sample.Books.Select(b => b with { Dataset = Attack })],
                Quarantine = sample.Quarantine with { Rules = [new(Attack, Attack, Attack, 3, 1, Attack)], Samples = [new(1, Attack, Attack, Attack, Attack, Attack, true, now)] },
                Checks = [new(Attack, Attack, Attack, 2, [new(Attack, 2)]) { Name = Attack, Expected = Attack, Unit = Attack }],
                Experiments = [new(1, "corruption", Attack, Attack, 2, 1, 1, 1, new Dictionary<string, long> { [Attack] = 1 }, 1), new(1, Attack, Attack, Attack, 2, 1, 1, 1, new Dictionary<string, long>(), 1)],
                Throughput = sample.Throughput with { Datasets = [.. sample.Throughput.Datasets.Select(d => d with { Dataset = Attack })] },
                Rules = [new(Attack, Attack, Attack, Attack, 2, 3, Attack), new(Attack, Attack, Attack, null, 0, 0, null)],
                Drift = new(3, 10, 1, [new(Attack, Attack, Attack, Attack, 2, 3, Attack)]),
                Contract = new(Attack, Attack, null, [new(Attack, Attack, Attack, Attack)], [new(Attack, Attack, Attack, Attack, Attack, Attack, 3, [new(Attack, Attack, true, Attack, Attack, Attack, [Attack, Attack], true, 0.5)], [Attack])]),
                History = [.. sample.History.Select(r => r with { Command = Attack, Reason = Attack, Remarks = [Attack] })],
            }).Judged()]);
        }
    }
}
