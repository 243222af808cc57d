using System.Text.RegularExpressions;
using Etl.Contracts;

namespace Quality.Initialisation;

/// <summary>Which date of the documents tells the day they belong to, and which their last change.</summary>
internal static partial class DateRoles
{
    /// <summary>Dates of the document itself that every document has; those in arrays, and those whose name could be taken for a path, have no such role.</summary>
    static IEnumerable<DescribedField> Dates(IEnumerable<DescribedField> fields, long documents) => fields
        .SelectMany(f => f.Kind == FieldKind.Object ? Dates(f.Children, documents) : [f])
        .Where(f => f is { Kind: FieldKind.Value, IsArray: false, Type.Logical: "timestamp" } && f.Seen.Values == documents && f.Seen.Dates.OutOfRange == 0
            && !f.Name.Contains('.') && !f.Name.Contains('['));

    /// <summary>The best candidate to partition by; null: there is none.</summary>
    public static DescribedField? PartitionBy(IReadOnlyList<DescribedField> fields, long documents) => Dates(fields, documents)
        .Select(f => (Field: f, Name: Identifier.SnakeCase(f.Name)))
        .Where(f => !Later().IsMatch(f.Name))
        .OrderBy(f => Born().IsMatch(f.Name) ? 0 : Dated().IsMatch(f.Name) ? 1 : 2).ThenBy(f => f.Field.Seen.Dates.StepsBack)
        .FirstOrDefault(f => Born().IsMatch(f.Name) || Dated().IsMatch(f.Name)).Field;

    /// <summary>What there is to say of the others.</summary>
    public static void AddNotes(IReadOnlyList<DescribedField> fields, long documents)
    {
        foreach (var date in Dates(fields, documents))
        {
            if (Changed().IsMatch(Identifier.SnakeCase(date.Name)))
                date.Notes.Add("tells the last change, by its name: a cursor for incremental reading, if the application always sets it");
            if (documents >= FieldInference.EnoughForRequired && date.Seen.Dates.StepsBack == 0)
                date.Notes.Add("never goes back in the order of _id");
        }
    }

    [GeneratedRegex("creat|insert|regist|sign(ed)?_?up|order(ed)?_(at|on|date)|plac(ed)_|occur|receiv|sent_|event", RegexOptions.CultureInvariant)]
    private static partial Regex Born();

    [GeneratedRegex("^(date|day|time|timestamp|ts|when)$|_(date|day|time|at|on)$|^start", RegexOptions.CultureInvariant)]
    private static partial Regex Dated();

    [GeneratedRegex("updat|modif|chang", RegexOptions.CultureInvariant)]
    private static partial Regex Changed();

    [GeneratedRegex("updat|modif|chang|birth|expir|end|delet|due|last|until|next", RegexOptions.CultureInvariant)]
    private static partial Regex Later();
}
