using System.Globalization;
using System.Text;
using System.Xml;
using Etl.Contracts;
using Etl.Loading;

namespace Quality.Reconciliation;

/// <summary>
/// What a reconciliation found, as JUnit XML for CI systems: a test suite for each dataset, a test case for each table and each check. A mismatch is a failure,
/// what is unknown is an error, a check that only warns passes and says so.
/// </summary>
public static class JUnitReport
{
    const int ShownDifferences = 10;

    sealed record Case(string Suite, string Name, TimeSpan Took, string? Failure, string? Error, string? Text, string? Output);

    public static void Write(string file, Contract contract, ReconcileResult result, TimeProvider time)
    {
        var cases = result.Tables.Select(OfTable).Concat(result.Checks.Select(c => OfCheck(c, contract))).ToList();
        // A verdict that no single table or check explains: nothing was compared at all.
        if (result.Verdict != Verdict.Reconciled && cases.All(c => c.Failure is null && c.Error is null))
            cases.Add(new Case(contract.Pipeline, "verdict", TimeSpan.Zero, result.Verdict == Verdict.Mismatched ? result.Reason : null, result.Verdict == Verdict.Unknown ? result.Reason : null, null, null));
        Write(file, contract, cases, result.Reason, time);
    }

    /// <summary>Nothing is known: one test case that says why.</summary>
    public static void WriteUnknown(string file, Contract contract, string reason, TimeProvider time) =>
        Write(file, contract, [new Case(contract.Pipeline, "reconcile", TimeSpan.Zero, null, reason, null, null)], reason, time);

    static Case OfTable(TableResult t) => new(t.Table.Dataset.Name, $"{t.Table.QualifiedName} equals its source", t.Took,
        t.Verdict == Verdict.Mismatched ? t.Reason : null, t.Verdict == Verdict.Unknown ? t.Reason ?? "Nothing is known." : null, Samples(t),
        $"source {t.Source}, warehouse {t.Warehouse}, matched {t.Matched}, missing {t.Missing}, unexpected {t.Unexpected}, changed {t.Changed}, in flight {t.InFlight}, quarantined {t.Quarantined}, held back {t.HeldBack}, coverage {t.Coverage.ToString("0.####", CultureInfo.InvariantCulture)}");

    static string? Samples(TableResult t)
    {
        if (t.Differences.Count == 0)
            return null;
        var text = new StringBuilder();
        foreach (var difference in t.Differences.Take(ShownDifferences))
        {
            text.Append(difference.Kind.ToString().ToLowerInvariant()).Append(' ').Append(difference.Key);
            if (difference.Kind == DifferenceKind.Changed)
                foreach (var cell in difference.Cells.Where(c => !c.Equal))
                    text.Append(CultureInfo.InvariantCulture, $"\n  {cell.Column}: source {cell.Source ?? "NULL"}, warehouse {cell.Warehouse ?? "NULL"}");
            text.Append('\n');
        }
        if (t.DifferenceCount > ShownDifferences)
            text.Append(CultureInfo.InvariantCulture, $"… and {t.DifferenceCount - ShownDifferences:N0} more\n");
        return text.ToString();
    }

    static Case OfCheck(CheckResult check, Contract contract)
    {
        string title = check.Name.Length > 0 ? check.Name : check.Rule;
        string found = check.Holds is null ? check.Failure ?? "There was nothing to measure."
            : $"measured {check.Measured?.ToString(CultureInfo.InvariantCulture) ?? $"{check.Failing} failing"}{(check.Unit is { } unit ? " " + unit : "")}, must be {check.Expected ?? "0"}";
        string suite = contract.Tables.FirstOrDefault(t => t.QualifiedName == check.Table)?.Dataset.Name ?? contract.Pipeline;
        return new Case(suite, $"{check.Place}: {title} ({check.Rule})", TimeSpan.Zero, check is { Holds: false, Warns: false } ? found : null, check is { Holds: null, Warns: false } ? found : null, null,
            check is { Warns: true, Holds: not true } ? $"warns only: {found}" : found);
    }

    static void Write(string file, Contract contract, IReadOnlyList<Case> cases, string reason, TimeProvider time)
    {
        using var xml = XmlWriter.Create(file, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", $"quality reconcile {contract.Pipeline}");
        Totals(xml, cases);
        foreach (var suite in cases.GroupBy(c => c.Suite))
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", Printable($"{contract.Pipeline}.{suite.Key}"));
            Totals(xml, [.. suite]);
            xml.WriteAttributeString("skipped", "0");
            xml.WriteAttributeString("timestamp", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
            foreach (var one in suite)
                Write(xml, contract, one);
            xml.WriteElementString("system-out", Printable(reason));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    static void Totals(XmlWriter xml, IReadOnlyList<Case> cases)
    {
        xml.WriteAttributeString("tests", Text(cases.Count));
        xml.WriteAttributeString("failures", Text(cases.Count(c => c.Failure is not null)));
        xml.WriteAttributeString("errors", Text(cases.Count(c => c.Error is not null)));
        xml.WriteAttributeString("time", Seconds(TimeSpan.FromTicks(cases.Sum(c => c.Took.Ticks))));
    }

    static void Write(XmlWriter xml, Contract contract, Case one)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Printable(one.Name));
        xml.WriteAttributeString("classname", Printable($"{contract.Pipeline}.{one.Suite}"));
        xml.WriteAttributeString("time", Seconds(one.Took));
        if ((one.Failure ?? one.Error) is { } message)
        {
            xml.WriteStartElement(one.Failure is null ? "error" : "failure");
            xml.WriteAttributeString("message", Printable(message));
            xml.WriteAttributeString("type", (one.Failure is null ? Verdict.Unknown : Verdict.Mismatched).Word());
            xml.WriteString(Printable(one.Text ?? message));
            xml.WriteEndElement();
        }
        if (one.Output is { } output)
            xml.WriteElementString("system-out", Printable(output));
        xml.WriteEndElement();
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>XML cannot hold every character that a key can.</summary>
    static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                printable.Append(text[i]).Append(text[++i]);
            else
                printable.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
        return printable.ToString();
    }
}
