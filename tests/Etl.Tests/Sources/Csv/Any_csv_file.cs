using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Csv;

namespace Etl.Tests.Sources.Csv;

/// <summary>Held to a reader and a writer that others wrote.</summary>
public sealed class Any_csv_file
{
    const string Alphabet = "ab ,\"\n\r;é👩\0\t";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task That_CsvHelper_writes_reads_back_the_same(int seed)
    {
        var random = new Random(seed);
        for (int file = 0; file < 30; file++)
        {
            var rows = Rows(random, columns: 1 + random.Next(5), count: random.Next(60));
            string[] columns = [.. Enumerable.Range(0, rows[0].Length).Select(i => $"c{i}")];
            var text = new StringWriter(CultureInfo.InvariantCulture);
            await using (var writer = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = random.Next(2) == 0 ? "\n" : "\r\n", ShouldQuote = _ => true }))
                foreach (string[] row in rows.Prepend(columns))
                {
                    foreach (string value in row)
                        writer.WriteField(value);
                    await writer.NextRecordAsync();
                }

            var read = await ValuesAsync(CsvText.File(text.ToString()), columns);
            Assert.True(rows.Select(r => string.Join('\u0001', r)).SequenceEqual(read.Select(r => string.Join('\u0001', r))), $"seed {seed}, file {file}");
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

    static async Task<List<string[]>> ValuesAsync(string path, string[] columns)
    {
        var rows = new List<string[]>();
        await using var source = new CsvSource(path, new CsvOptions { Empty = CsvEmpty.IsText });
        await using var scan = source.Scan(CsvText.Dataset(columns), ScanRange.Whole, null);
        var batch = new DocumentBatch(7);
        while (await scan.ReadAsync(batch, default))
            for (int i = 0; i < batch.Count; i++)
                rows.Add(Values(batch[i]));
        return rows;
    }

    static string[] Values(ReadOnlySpan<byte> document)
    {
        var values = new List<string>();
        for (var reader = new BsonReader(document); reader.Read();)
            if (reader.Type == BsonType.String)
                values.Add(reader.String);
        return [.. values];
    }

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
