using System.Globalization;
using Etl.Documents;
using Etl.Validation;

namespace Etl.Contracts;

/// <summary>Reads the customProperties that say how a field's values are cleaned, and how its timestamps are written.</summary>
internal static class CleaningReader
{
    public static readonly string[] Properties = ["trim", "case", "nullWords", "default", "epoch", "dateFormat", "zone"];

    static readonly (string Name, long PerSecond)[] Units = [("s", 1), ("ms", 1_000), ("us", 1_000_000)];

    /// <summary>How a timestamp is written, where it is no date of BSON.</summary>
    public static TimeForm? Time(YamlView custom, string logicalType, string path)
    {
        string? epoch = custom.Text("epoch");
        var formats = custom.TextOrTexts("dateFormat");
        if (custom.Has("zone") && formats is null)
            custom.Error($"customProperty 'zone' of '{path}' says where texts were written: it goes with dateFormat.", "zone");
        if (epoch is null && formats is null)
            return null;
        if (logicalType is not ("timestamp" or "date"))
            custom.Error($"customProperty '{(epoch is null ? "dateFormat" : "epoch")}' does not go with '{path}': only a timestamp or date is written so.", epoch is null ? "dateFormat" : "epoch");
        if (epoch is not null && formats is not null)
            custom.Error($"'{path}' is either a number (epoch) or a text (dateFormat).", "epoch");
        if (epoch is not null)
        {
            long units = Array.Find(Units, u => u.Name == epoch).PerSecond;
            if (units == 0)
                custom.Error($"'epoch' of '{path}' is one of s, ms and us, not '{epoch}'.", "epoch");
            return new TimeForm { UnitsPerSecond = Math.Max(1, units) };
        }
        var patterns = new List<TimePattern>();
        foreach (string format in formats!)
            if (TimePattern.Parse(format, out string problem) is { } pattern)
                patterns.Add(pattern);
            else
                custom.Error($"dateFormat '{format}' of '{path}' cannot be used: {problem}. Write it as yyyy-MM-dd HH:mm:ss.", "dateFormat");
        return new TimeForm { Patterns = patterns, Zone = Zone(custom, patterns, path) };
    }

    static TimeZoneInfo Zone(YamlView custom, List<TimePattern> patterns, string path)
    {
        if (custom.Text("zone") is not { } name)
        {
            if (patterns.Any(p => !p.HasOffset))
                custom.Error($"'{path}' needs customProperty 'zone': without it a date as text is no point in time. Write UTC, or a name such as Europe/Berlin.", "dateFormat");
            return TimeZoneInfo.Utc;
        }
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            return zone;
        custom.Error($"zone '{name}' of '{path}' is not known. Write UTC, or a name such as Europe/Berlin.", "zone");
        return TimeZoneInfo.Utc;
    }

    /// <summary>What is done to a value before anything is demanded of it.</summary>
    public static Cleaning? Read(YamlView custom, ColumnType column, IReadOnlySet<BsonType> accepted, TimeForm? time, string path)
    {
        if (!Properties.Take(4).Any(custom.Has))
            return null;
        if (!accepted.Contains(BsonType.String))
            foreach (string property in Properties.Take(3).Where(custom.Has))
                custom.Error($"customProperty '{property}' does not go with '{path}': only texts are cleaned so.", property);
        string written = custom.Text("case") ?? "";
        if (written is not ("" or "lower" or "upper"))
            custom.Error($"'case' of '{path}' is lower or upper, not '{written}'.", "case");
        var nullWords = custom.Texts("nullWords") ?? [];
        foreach (string word in nullWords.Where(w => w.Any(c => c > 127)))
            custom.Error($"Null word '{word}' of '{path}' holds letters beyond ASCII.", "nullWords");
        return new Cleaning
        {
            Trim = custom.Flag("trim"),
            Case = written switch { "lower" => LetterCase.Lower, "upper" => LetterCase.Upper, _ => LetterCase.AsItIs },
            NullWords = nullWords,
            Default = custom.Text("default") is { } standing ? Default(custom, standing, column, time, path) : null,
        };
    }

    /// <summary>Whatever the field's own rules and column refuse is reported when the field is read.</summary>
    static (BsonType, byte[])? Default(YamlView custom, string text, ColumnType column, TimeForm? time, string path)
    {
        try
        {
            byte[] document = Bson.Make(w => Write(w, text, time is null ? column : time.UnitsPerSecond > 0 ? ColumnType.BigInt : ColumnType.Text));
            var reader = new BsonReader(document);
            reader.Read();
            return (reader.Type, reader.Value.ToArray());
        }
        catch (Exception e) when (e is FormatException or OverflowException or ExtendedJsonException)
        {
            custom.Error($"The default '{text}' of '{path}' is no value of its column.", "default");
            return null;
        }
    }

    static void Write(BsonWriter writer, string text, ColumnType column)
    {
        const string name = "v";
        switch (column)
        {
            case ColumnType.Text:
                writer.Write(name, text);
                break;
            case ColumnType.Boolean:
                writer.Write(name, bool.Parse(text));
                break;
            case ColumnType.Integer or ColumnType.BigInt:
                writer.Write(name, long.Parse(text, CultureInfo.InvariantCulture));
                break;
            case ColumnType.Double or ColumnType.Numeric:
                writer.Write(name, Decimal128.Parse(text));
                break;
            case ColumnType.Jsonb:
                var reader = new BsonReader(ExtendedJson.Parse($$"""{"v":{{text}}}"""));
                reader.Read();
                writer.WriteElement(reader);
                break;
            default:
                throw new FormatException($"A column of type {column} has no default.");
        }
    }

    /// <summary>A default that the field's own rules refuse stands nowhere.</summary>
    public static void Report(YamlView custom, Field field)
    {
        if (field.Cleaning?.Default is not { } standing)
            return;
        if (field.Constraints.Required)
            custom.Error($"'{field.Path}' is required and has a default: one of them says nothing.", "default");
        if (new Gate(field).Rules.FirstOrDefault(r => !r.Allows(standing.Type, standing.Value)) is { } broken)
            custom.Error($"The default of '{field.Path}' breaks rule {broken.Name}: it must {broken.Demand}.", "default");
        else if (Flattening.ValueEncoder.Write(standing.Type, standing.Value, field, new Flattening.FieldBuffer(64)) is not Flattening.Fit.Fits and var fit)
            custom.Error($"The default of '{field.Path}' breaks rule {RuleNames.Of(fit, field).Rule}: it must {RuleNames.Of(fit, field).Demand}.", "default");
    }
}
