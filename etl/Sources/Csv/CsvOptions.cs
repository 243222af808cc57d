using System.ComponentModel.DataAnnotations;
using Etl.Documents;

namespace Etl.Sources.Csv;

/// <summary>How a CSV file is written.</summary>
public sealed record CsvOptions
{
    const string Delimiters = ",;|\t";

    /// <summary>What stands between values.</summary>
    /// <value>Default: a comma. Also a semicolon, a bar, a tabulator.</value>
    public char Delimiter { get; init; } = ',';

    /// <summary>What the bytes of values mean; UTF-8 is taken strictly. Only encodings of one byte a character besides: others are to be converted first.</summary>
    /// <value>Default: utf-8. Others: iso-8859-1, windows-1252 …</value>
    public string Encoding { get; init; } = "utf-8";

    /// <value>Default: as PostgreSQL's COPY takes it.</value>
    public CsvEmpty Empty { get; init; } = CsvEmpty.UnquotedIsNull;

    /// <summary>A record that is larger is refused, and not held in memory.</summary>
    /// <value>Bytes. Default: 16 MB, what a document may have.</value>
    [Range(1_024, Bson.MaxDocumentSize)]
    public int LargestRecord { get; init; } = Bson.MaxDocumentSize;

    /// <summary>What is kept of a record that is larger.</summary>
    /// <value>Bytes. Default: 64 KB.</value>
    [Range(256, Bson.MaxDocumentSize)]
    public int KeptOfLargeRecord { get; init; } = 64 * 1024;

    /// <exception cref="UsageException">Everything that cannot be meant.</exception>
    internal CsvOptions Checked()
    {
        var errors = new List<string>();
        if (!Delimiters.Contains(Delimiter))
            errors.Add($"The delimiter is '{Delimiter}', allowed: a comma, a semicolon, a bar, a tabulator.");
        if (KeptOfLargeRecord > LargestRecord)
            errors.Add($"{nameof(KeptOfLargeRecord)} is {KeptOfLargeRecord:N0}, more than {nameof(LargestRecord)}.");
        return OptionRanges.Check(this, "CSV", errors);
    }
}
