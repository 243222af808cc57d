using System.Text;
using System.Text.Unicode;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Csv;

/// <summary>The first record of a file: the names of its values, among which must be all that the contract describes.</summary>
/// <param name="Columns">In the file's order.</param>
internal sealed record CsvHeader(IReadOnlyList<string> Columns)
{
    /// <param name="place">The file, for messages.</param>
    /// <exception cref="UnavailableException">Everything that is wrong with it: no header, a column that is missing or stands twice.</exception>
    public static CsvHeader Read(CsvReader reader, CsvEncoding encoding, Dataset dataset, string place)
    {
        if (!reader.Read())
            throw new UnavailableException($"{place} is empty: not even a header stands in it. Its first line must name the columns: {Wanted(dataset)}.");
        if (reader.Problem is { } problem)
            throw new UnavailableException($"{place} has no header that can be read. {problem}");
        if (reader.Count > CsvReader.MostColumns)
            throw new UnavailableException($"{place} has {reader.Count:N0} columns; {CsvReader.MostColumns:N0} are the most.");
        string[] columns = [.. Enumerable.Range(0, reader.Count).Select(i => Name(reader, i, encoding, place))];
        var errors = new List<string>();
        if (!dataset.Root.Children.Any(f => columns.Contains(f.Name)))
            errors.Add($"its first line names none of the columns {Wanted(dataset)}: has it a header, and the delimiter that the contract states?");
        else
            foreach (var field in dataset.Root.Children.Where(f => f.Name != "_id" && !columns.Contains(f.Name)))
                errors.Add($"it has no column '{field.Name}'.{Names.DidYouMean(field.Name, columns)}");
        errors.AddRange(columns.CountBy(c => c, StringComparer.Ordinal).Where(c => c.Value > 1).Select(c => $"the column '{c.Key}' stands {c.Value} times: nobody can tell which is meant"));
        errors.AddRange(columns.Index().Where(c => c.Item.Length == 0).Select(c => $"column {c.Index + 1} has no name"));
        return errors.Count == 0 ? new CsvHeader(columns) : throw new UnavailableException($"{place} does not fit the contract: {string.Join("; ", errors)}.");
    }

    static string Wanted(Dataset dataset) => string.Join(", ", dataset.Root.Children.Where(f => f.Name != "_id").Select(f => f.Name));

    static string Name(CsvReader reader, int index, CsvEncoding encoding, string place)
    {
        byte[] name = new byte[reader[index].Length * encoding.Growth];
        int bytes = encoding.TryConvert(reader[index], name);
        if (bytes < 0 || !Utf8.IsValid(name.AsSpan(0, bytes)) || name.AsSpan(0, bytes).Contains((byte)0))
            throw new UnavailableException($"{place}: the name of column {index + 1} is not {encoding.Name} text. State the file's encoding in the contract, or convert it.");
        string text = Encoding.UTF8.GetString(name, 0, bytes);
        return reader.IsDoubled(index) ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text;
    }

    /// <summary>What begins the elements of a document: BSON's type, the name, NUL. A column that is called _id gives way to the position.</summary>
    public byte[][] Elements(BsonType type) => [.. Columns.Select(c => (byte[])[(byte)type, .. Encoding.UTF8.GetBytes(c == "_id" ? "_source_id" : c), 0])];
}
