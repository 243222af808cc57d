using System.Text;
using CsvHelper;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Csv;

namespace Etl.Tests.Sources.Csv;

/// <summary>Held to a reader that others wrote.</summary>
public sealed class Any_csv_file
{
    const string Alphabet = "ab ,\"\n\r;é👩\0\t";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task By_the_rules_is_read_as_CsvHelper_reads_it(int seed)
    {
        var random = new Random(seed);
        for (int file = 0; file < 30; file++)
        {
            string newline = random.Next(2) == 0 ? "\n" : "\r\n";
            var rows = Rows(random, columns: 2 + random.Next(4), count: random.Next(60));
            string[] columns = [.. Enumerable.Range(0, rows[0].Length).Select(i => $"c{i}")];
            string text = string.Join(newline, rows.Prepend(columns).Select(row => string.Join(',', row.Select(value => Written(random, value))))) + (random.Next(2) == 0 ? newline : "");

            var expected = new List<string>();
            using (var other = CsvHelper.CsvReader.Create(Encoding.UTF8.GetBytes(text), new CsvReaderOptions { Separator = ',', MalformedData = CsvMalformedDataHandling.Throw }))
                while (other.Read())
                    expected.Add(string.Join('\u0001', Enumerable.Range(0, other.FieldCount).Select(other.GetString)));
            Assert.Equal(rows.Select(row => string.Join('\u0001', row)), expected);
            // CsvHelper counts a lone CR as a line, which is no line's end in RFC 4180.
            int line = 1;
            Assert.Equal(expected.Select((row, i) => $"{line += 1 + (i == 0 ? 0 : expected[i - 1].Count(c => c == '\n'))}: {row}"), await ReadAsync(CsvText.File(text), columns));
        }
    }

    /// <summary>Whatever the bytes: every record is a document or refused, no line is read twice, and nothing is thrown.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Of_whatever_bytes_is_read_to_its_end(int seed)
    {
        var random = new Random(seed);
        for (int file = 0; file < 300; file++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(400)).Select(_ => ",\"\n\rab"[random.Next(6)])]);
            string path = CsvText.File("a,b\n" + text);
            await using var source = new CsvSource(path, new CsvOptions { LargestRecord = 1_024, KeptOfLargeRecord = 256 });
            await using var scan = source.Scan(CsvText.Dataset("a", "b"), ScanRange.Whole, null);
            var batch = new DocumentBatch();
            long line = 1;
            int bytes = 0;
            while (await scan.ReadAsync(batch, default))
                for (int i = 0; i < batch.Count; i++)
                {
                    var position = new BsonReader(batch.RefusedAt(i)?.Position ?? Bson.Only(batch[i], "_id"u8));
                    position.Read();
                    Assert.True(position.Int64 > line, $"seed {seed}, file {file}: line {position.Int64} after {line}");
                    line = position.Int64;
                    bytes += batch[i].Length;
                }
            Assert.True(bytes > 0 || text.All(c => c is '\n' or '\r'), $"seed {seed}, file {file}");
            File.Delete(path);
        }
    }

    static async Task<List<string>> ReadAsync(string path, string[] columns)
    {
        var rows = new List<string>();
        await using var source = new CsvSource(path, new CsvOptions { Empty = CsvEmpty.IsText });
        await using var scan = source.Scan(CsvText.Dataset(columns), ScanRange.Whole, null);
        var batch = new DocumentBatch(7);
        while (await scan.ReadAsync(batch, default))
            for (int i = 0; i < batch.Count; i++)
                rows.Add(Record(batch[i]));
        return rows;
    }

    static string Record(ReadOnlySpan<byte> document)
    {
        var values = new List<string>();
        var reader = new BsonReader(document);
        reader.Read();
        long line = reader.Int64;
        while (reader.Read())
            values.Add(reader.String);
        return $"{line}: {string.Join('\u0001', values)}";
    }

    static string Written(Random random, string value) =>
        random.Next(2) == 0 || value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;

    static List<string[]> Rows(Random random, int columns, int count) => [.. Enumerable.Range(0, count + 1).Select(_ => Enumerable.Range(0, columns).Select(_ => Value(random)).ToArray())];

    static string Value(Random random)
    {
        var text = new StringBuilder();
        var runes = Alphabet.EnumerateRunes().ToArray();
        for (int i = random.Next(8); i > 0; i--)
            text.Append(runes[random.Next(runes.Length)]);
        return text.ToString();
    }
}
