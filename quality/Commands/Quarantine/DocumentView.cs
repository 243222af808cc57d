using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Quality.Commands.Quarantine;

/// <summary>A refused document, line by line: relaxed Extended JSON, masked, the broken places marked. What cannot be read is said where it begins.</summary>
internal sealed class DocumentView
{
    /// <summary>Characters of one value.</summary>
    const int ValueLength = 200;

    /// <summary>Lines shown; of longer documents those around the broken places, and the beginning.</summary>
    const int MostLines = 300, Around = 4, AtTheTop = 40;

    readonly ILookup<string, Violation> violations;
    readonly List<DocumentLine> lines = [];

    DocumentView(IReadOnlyList<Violation> violations) => this.violations = violations.ToLookup(v => v.Path);

    public static IReadOnlyList<DocumentLine> Of(Dataset dataset, ReadOnlySpan<byte> document, IReadOnlyList<Violation> violations, Disclosure disclosure)
    {
        var view = new DocumentView(violations);
        try
        {
            view.Object(new BsonReader(document), disclosure.Document(dataset), "", "", 0, isArray: false);
        }
        catch (BsonException e)
        {
            view.lines.Add(new DocumentLine(0, e.Path, $"… cannot be read from byte {e.Offset} on: {e.Problem}", false, [RuleNames.Malformed]));
        }
        view.AddWhatIsMissing(violations);
        return Shortened(view.lines);
    }

    void Object(BsonReader reader, Disclosure.Surroundings around, string path, string label, int depth, bool isArray)
    {
        if (depth > Bson.MaxDepth)
            throw new BsonException($"nested deeper than {Bson.MaxDepth}", reader.Origin, path);
        Add(depth, path, label + (isArray ? "[" : "{"));
        for (int index = 0; reader.Read(); index++)
        {
            string name = reader.Name;
            string at = isArray ? $"{path}[{index}]" : path.Length == 0 ? name : $"{path}.{name}", named = isArray ? "" : $"{name}: ";
            var decision = Disclosure.On(around, isArray, name, reader.Type);
            if (decision.Enter is { } inside)
                Object(reader.Nested(), inside, at, named, depth + 1, reader.Type == BsonType.Array);
            else
                Add(depth + 1, at, named + (decision.Masked ? $"{Disclosure.Mask} ({reader.Type.Alias()})" : ShownText.Clip(ExtendedJson.ValueToString(reader.Type, reader.Value), ValueLength)));
        }
        lines.Add(new DocumentLine(depth, path, isArray ? "]" : "}", true, []));
    }

    void Add(int depth, string path, string text) => lines.Add(new DocumentLine(depth, path, text, false, path.Length == 0 ? [] : [.. violations[path].Select(v => v.Rule).Distinct()]));

    /// <summary>What should be there and is not has no line of its own: it is put at the end of the object around it.</summary>
    void AddWhatIsMissing(IReadOnlyList<Violation> all)
    {
        foreach (var absent in all.Where(v => v.Path.Length > 0 && lines.All(l => l.Path != v.Path)).GroupBy(v => v.Path))
        {
            int dot = absent.Key.LastIndexOf('.');
            string parent = dot < 0 ? "" : absent.Key[..dot];
            int at = lines.FindLastIndex(l => l.Closes && l.Path == parent);
            int depth = at < 0 ? 1 : lines[at].Depth + 1;
            lines.Insert(at < 0 ? lines.Count : at, new DocumentLine(depth, absent.Key, $"{absent.Key[(dot + 1)..]}: (missing)", false, [.. absent.Select(v => v.Rule).Distinct()]));
        }
    }

    static IReadOnlyList<DocumentLine> Shortened(List<DocumentLine> lines)
    {
        if (lines.Count <= MostLines)
            return lines;
        var broken = Enumerable.Range(0, lines.Count).Where(i => lines[i].Broken.Count > 0).ToList();
        var kept = new SortedSet<int>(Enumerable.Range(0, AtTheTop).Concat(broken.SelectMany(b => Enumerable.Range(b - Around, 2 * Around + 1))).Where(i => i >= 0 && i < lines.Count));
        var shown = new List<DocumentLine>();
        int next = 0;
        foreach (int i in kept.Take(MostLines).Append(lines.Count))
        {
            if (i > next)
                shown.Add(new DocumentLine(1, "", $"… {Terminal.Count(i - next)} lines left out", false, []));
            if (i < lines.Count)
                shown.Add(lines[i]);
            next = i + 1;
        }
        return shown;
    }
}
