using System.Globalization;
using System.Text;
using Bogus;
using Bogus.DataSets;

namespace Chaos.Generation;

/// <summary>The organizations of the made-up CRM, and the CSV file that lists them.</summary>
public sealed class CrmOrganizations
{
    public const int Count = 60;
    const string Header = "organization_key,organization_name,created_at";

    /// <summary>Names that a careless reader of CSV stumbles over.</summary>
    static readonly string[] Awkward = ["Smith, Jones & Co", "\"Quoted\" GmbH", "Zweizeilig\nAG", "Łódź Sp. z o.o.", "O'Neill; Sons", "株式会社テスト"];

    public CrmOrganizations(int seed, DateOnly firstDay)
    {
        var company = new Company("en") { Random = new Randomizer(seed) };
        var random = new Random(seed);
        Names = [.. Awkward.Concat(Enumerable.Range(0, Count * 4).Select(_ => company.CompanyName()).Distinct().Except(Awkward)).Take(Count)];
        Lines = [.. Names.Select((name, i) => string.Create(CultureInfo.InvariantCulture,
            $"{i + 1},{Quoted(name)},{firstDay.AddDays(-1 - random.Next(900)).ToDateTime(new TimeOnly(random.Next(24), random.Next(60), random.Next(60))):yyyy-MM-dd HH:mm:ss}"))];
    }

    public IReadOnlyList<string> Names { get; }

    IReadOnlyList<string> Lines { get; }

    /// <summary>By RFC 4180, with CRLF.</summary>
    public string ToCsv() => new StringBuilder().AppendJoin("\r\n", Lines.Prepend(Header)).Append("\r\n").ToString();

    /// <summary>Beside, then renamed: a reader sees the old file or the new one. Where nothing would change, nothing is written.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellation = default)
    {
        string text = ToCsv();
        if (File.Exists(path) && await File.ReadAllTextAsync(path, cancellation) == text)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path + ".new", text, cancellation);
        File.Move(path + ".new", path, overwrite: true);
    }

    static string Quoted(string value) => value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
