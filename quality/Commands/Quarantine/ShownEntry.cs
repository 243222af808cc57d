using System.Text.Json;
using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;
using Quality.Ui;

namespace Quality.Commands.Quarantine;

/// <summary>An entry of the quarantine, for people and for programs.</summary>
internal static class ShownEntry
{
    const string Hidden = "hidden, because documents of this dataset may hold personal values: --reveal shows it";

    public static void Print(Contract contract, QuarantinedDocument document, Disclosure disclosure)
    {
        var entry = document.Entry;
        Terminal.Heading($"{entry.Id}: {entry.Dataset} {entry.Document}");
        Terminal.Result($"{entry.State}{(entry.HeldBack ? ", held back (an older, good version stays in the tables)" : "")}; refused by run {entry.FirstRun}{(entry.LastRun == entry.FirstRun ? "" : $" to {entry.LastRun}")}, "
            + $"first seen {Format.Instant(entry.FirstSeen)}; {Terminal.Count(document.Content.Length)} bytes of {document.MediaType}, position {Position(contract, document, disclosure)} of partition '{document.Partition}'");
        // A key that stands twice is told of twice, in the same words.
        Terminal.Table(document.Violations.Count(v => v.Severity == Violation.Error) < DocumentValidator.MostTold ? "What is wrong" : $"The first {DocumentValidator.MostTold} violations; there may be more", ["rule", "path", "value", "message"],
            document.Violations.Distinct().Select(v => (IReadOnlyList<string>)[v.Rule, v.Path, v.Value, v.Message]));
        // A dataset may have left the contract since; then nothing is known of what is personal in it.
        var dataset = contract.Datasets.FirstOrDefault(d => d.Name == entry.Dataset);
        if (dataset is null && !disclosure.Reveal)
            Terminal.Result($"The contract no longer describes dataset '{entry.Dataset}', so its documents stay hidden: --reveal shows them");
        else if (document.IsBson && dataset is not null)
            Terminal.Document(DocumentListing.Of(dataset, document.Content, document.Violations, disclosure));
        else if (document.IsBson)
            Terminal.Document(DocumentListing.Of(Undescribed(entry.Dataset), document.Content, document.Violations, disclosure));
        else if (!disclosure.MayShowBytes(dataset ?? Undescribed(entry.Dataset)))
            Terminal.Result($"Its content is {Hidden}");
        else
            foreach (string line in RawBytes.Text(document.Content)?.Split('\n') ?? RawBytes.Hex(document.Content))
                Terminal.Result("  " + line);
    }

    public static object Json(Contract contract, QuarantinedDocument document, Disclosure disclosure)
    {
        var entry = document.Entry;
        var dataset = contract.Datasets.FirstOrDefault(d => d.Name == entry.Dataset);
        bool mayShowBytes = disclosure.Reveal || dataset is not null && disclosure.MayShowBytes(dataset);
        var (content, unreadable) = document.IsBson && (dataset is not null || disclosure.Reveal) ? Content(dataset ?? Undescribed(entry.Dataset), document.Content, disclosure) : (null, null);
        string? text = content is null && mayShowBytes ? RawBytes.Text(document.Content) : null;
        return new
        {
            entry.Id,
            entry.Dataset,
            entry.Document,
            entry.Rule,
            entry.Path,
            entry.Reason,
            entry.HeldBack,
            entry.State,
            entry.FirstRun,
            entry.LastRun,
            entry.FirstSeen,
            entry.LastSeen,
            document.Partition,
            position = Position(contract, document, disclosure),
            document.MediaType,
            bytes = document.Content.Length,
            document.Violations,
            content,
            unreadable,
            text,
            hex = content is null && text is null && mayShowBytes ? Convert.ToHexStringLower(document.Content.AsSpan(0, Math.Min(document.Content.Length, RawBytes.HexBytes))) : null,
            hidden = content is null && !mayShowBytes ? Hidden : null,
        };
    }

    /// <summary>The document as Extended JSON, or why it cannot be read.</summary>
    static (JsonElement? Content, string? Unreadable) Content(Dataset dataset, byte[] document, Disclosure disclosure)
    {
        try
        {
            using var json = JsonDocument.Parse(ExtendedJson.ToString(MaskedBson.Of(dataset, document, disclosure)), new JsonDocumentOptions { MaxDepth = 4 * Bson.MaxDepth });
            return (json.RootElement.Clone(), null);
        }
        catch (BsonException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Where the document stood. In MongoDB that is its key, which may be personal.</summary>
    static string Position(Contract contract, QuarantinedDocument document, Disclosure disclosure) =>
        disclosure.Reveal || contract.Datasets.FirstOrDefault(d => d.Name == document.Entry.Dataset) is { } dataset && !dataset.Key.Any(f => f.IsPersonal)
            ? PositionText(document.Position) : "***";

    static string PositionText(byte[] position)
    {
        try
        {
            return ExtendedJson.ToString(position);
        }
        catch (BsonException)
        {
            return Convert.ToHexStringLower(position); // sources to come may write positions of another kind
        }
    }

    static Dataset Undescribed(string name) => new() { Name = name, SourceName = name, MaxRejected = 0, Root = new Field { Name = name, Path = "", Kind = FieldKind.Object } };
}
