using System.Globalization;
using System.Text.RegularExpressions;

namespace Etl.Contracts;

/// <summary>Reads logicalTypeOptions and the quality rules that judge single values; reports what cannot both be.</summary>
internal static class ConstraintReader
{
    static readonly string[] IsoDates = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ssK"];

    /// <summary>The formats of whole numbers that a decimal can bound (the standard follows Rust's names).</summary>
    static readonly Dictionary<string, (decimal Least, decimal Most)> IntegerFormats = new()
    {
        ["i8"] = (sbyte.MinValue, sbyte.MaxValue),
        ["i16"] = (short.MinValue, short.MaxValue),
        ["i32"] = (int.MinValue, int.MaxValue),
        ["i64"] = (long.MinValue, long.MaxValue),
        ["u8"] = (0, byte.MaxValue),
        ["u16"] = (0, ushort.MaxValue),
        ["u32"] = (0, uint.MaxValue),
        ["u64"] = (0, ulong.MaxValue),
    };

    /// <param name="kind">What the property becomes: an object kept as jsonb has options that other objects leave to their fields.</param>
    public static Constraints Read(YamlView entry, string logicalType, FieldKind kind, string path)
    {
        if (entry.Map("logicalTypeOptions", $"the options of {path}") is not { } options)
            return Constraints.None;
        var read = logicalType switch
        {
            "string" => Text(options, path),
            "integer" or "number" => Number(options, logicalType, path),
            "date" or "timestamp" => Date(options),
            "array" => Array(options),
            "object" => Object(options, kind),
            _ => None(options),
        };
        foreach (string contradiction in Contradictions(read))
            options.Error($"The demands on '{path}' cannot be met: {contradiction}.");
        return read;
    }

    static Constraints None(YamlView options)
    {
        options.Only();
        return Constraints.None;
    }

    static Constraints Text(YamlView options, string path)
    {
        options.Only("minLength", "maxLength", "pattern", "format");
        return new Constraints
        {
            MinLength = options.Count("minLength"),
            MaxLength = options.Count("maxLength"),
            Pattern = Pattern(options, path),
            Format = Format(options, path),
        };
    }

    static Constraints Number(YamlView options, string logicalType, string path)
    {
        options.Only("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format");
        var (least, most) = (options.Number("minimum"), options.Number("maximum"));
        if (options.Text("format") is { } format)
        {
            if (logicalType == "integer" && IntegerFormats.TryGetValue(format, out var range))
                (least, most) = (Math.Max(least ?? range.Least, range.Least), Math.Min(most ?? range.Most, range.Most));
            else if (logicalType == "integer" || format != "f64")
                options.Error($"Format '{format}' of '{path}' is not known for {logicalType}.{Names.DidYouMean(format, logicalType == "integer" ? IntegerFormats.Keys : ["f64"])}", "format");
        }
        decimal? multiple = options.Number("multipleOf");
        if (multiple <= 0)
            options.Error($"'multipleOf' of '{path}' must be more than 0, not {multiple}.", "multipleOf");
        return new Constraints
        {
            Minimum = least,
            Maximum = most,
            ExclusiveMinimum = options.Number("exclusiveMinimum"),
            ExclusiveMaximum = options.Number("exclusiveMaximum"),
            MultipleOf = multiple > 0 ? multiple : null,
        };
    }

    static Constraints Date(YamlView options)
    {
        options.Only("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "timezone", "defaultTimezone");
        return new Constraints
        {
            Earliest = Latest(First(options, "minimum", after: false), First(options, "exclusiveMinimum", after: true)),
            Latest = Earliest(Last(options, "maximum", before: false), Last(options, "exclusiveMaximum", before: true)),
        };
    }

    /// <summary>The first date that a value may have. BSON's dates have whole milliseconds: later than one is at least the next.</summary>
    static DateTimeOffset? First(YamlView options, string key, bool after) => Date(options, key) is { } bound
        ? Whole(options, key, after ? Floor(bound) + 1 : Floor(bound) + (IsWhole(bound) ? 0 : 1)) : null;

    static DateTimeOffset? Last(YamlView options, string key, bool before) => Date(options, key) is { } bound
        ? Whole(options, key, before && IsWhole(bound) ? Floor(bound) - 1 : Floor(bound)) : null;

    static long Floor(DateTimeOffset bound) => bound.UtcTicks / TimeSpan.TicksPerMillisecond;

    static bool IsWhole(DateTimeOffset bound) => bound.UtcTicks % TimeSpan.TicksPerMillisecond == 0;

    /// <param name="milliseconds">Since the year 1.</param>
    static DateTimeOffset? Whole(YamlView options, string key, long milliseconds)
    {
        if (milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.UtcTicks / TimeSpan.TicksPerMillisecond)
            return new DateTimeOffset(milliseconds * TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        options.Error($"'{key}' is at the end of the calendar, from 0001-01-01 to 9999-12-31: leave it away.", key);
        return null;
    }

    static DateTimeOffset? Latest(DateTimeOffset? a, DateTimeOffset? b) => a > b || b is null ? a : b;
    static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a < b || b is null ? a : b;

    static Constraints Array(YamlView options)
    {
        options.Only("minItems", "maxItems", "uniqueItems");
        return new Constraints { MinItems = options.Count("minItems"), MaxItems = options.Count("maxItems"), UniqueItems = options.Flag("uniqueItems") };
    }

    static Constraints Object(YamlView options, FieldKind kind)
    {
        options.Only("minProperties", "maxProperties", "required");
        return new Constraints
        {
            MinProperties = options.Count("minProperties"),
            MaxProperties = options.Count("maxProperties"),
            MustHave = kind == FieldKind.Value ? options.Texts("required") ?? [] : [],
        };
    }

    /// <summary>Adds what the quality rules demand of single values; the other rules are left for the warehouse.</summary>
    public static (Constraints Constraints, IReadOnlyList<QualityRule> ForWarehouse) WithQuality(Constraints constraints, YamlView entry, string path)
    {
        var rest = new List<QualityRule>();
        foreach (var rule in QualityReader.Read(entry, path, ofDataset: false))
        {
            bool everyValue = rule.Metric == "invalidValues" && rule.Expected == new Expectation(Comparison.Equal, 0);
            string? pattern = everyValue && rule.At.Map("arguments", "the arguments of a quality rule") is { } arguments ? Pattern(arguments, path) : null;
            if (!everyValue)
            {
                if (rule.Metric == "invalidValues" && rule.Values.Count == 0)
                    rule.At.Error($"The rule invalidValues of '{path}' with a pattern needs 'mustBe: 0': PostgreSQL has other patterns, so the warehouse cannot count them.");
                rest.Add(rule);
                continue;
            }
            if (constraints.ValidValues is not null && rule.Values.Count > 0 || constraints.ValidPattern is not null && pattern is not null)
                rule.At.Error($"'{path}' has two rules invalidValues of one kind. Make them one.");
            constraints = constraints with
            {
                ValidValues = rule.Values.Count > 0 ? rule.Values : constraints.ValidValues,
                ValidPattern = pattern ?? constraints.ValidPattern,
            };
        }
        return (constraints, rest);
    }

    static IEnumerable<string> Contradictions(Constraints c)
    {
        if (c.Minimum > c.Maximum)
            yield return $"minimum {c.Minimum} is more than maximum {c.Maximum}";
        if (c.ExclusiveMinimum >= c.Maximum)
            yield return $"exclusiveMinimum {c.ExclusiveMinimum} is not less than maximum {c.Maximum}";
        if (c.Minimum >= c.ExclusiveMaximum)
            yield return $"minimum {c.Minimum} is not less than exclusiveMaximum {c.ExclusiveMaximum}";
        if (c.ExclusiveMinimum >= c.ExclusiveMaximum)
            yield return $"exclusiveMinimum {c.ExclusiveMinimum} is not less than exclusiveMaximum {c.ExclusiveMaximum}";
        if (c.Earliest > c.Latest)
            yield return $"minimum {c.Earliest:O} is after maximum {c.Latest:O}";
        if (c.MinLength > c.MaxLength)
            yield return $"minLength {c.MinLength} is more than maxLength {c.MaxLength}";
        if (c.MinItems > c.MaxItems)
            yield return $"minItems {c.MinItems} is more than maxItems {c.MaxItems}";
        if (c.MinProperties > c.MaxProperties || c.MustHave.Count > c.MaxProperties)
            yield return $"minProperties {Math.Max(c.MinProperties ?? 0, c.MustHave.Count)} is more than maxProperties {c.MaxProperties}";
    }

    static string? Pattern(YamlView options, string path)
    {
        if (options.Text("pattern") is not { } pattern)
            return null;
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return pattern;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            options.Error($"The pattern of '{path}' cannot be used: {e.Message}", "pattern");
            return null;
        }
    }

    static string? Format(YamlView options, string path)
    {
        if (options.Text("format") is not { } format)
            return null;
        if (Formats.Known.Contains(format))
            return format;
        options.Error($"Format '{format}' of '{path}' is not known.{Names.DidYouMean(format, [.. Formats.Known])}", "format");
        return null;
    }

    static DateTimeOffset? Date(YamlView options, string key)
    {
        if (options.Text(key) is not { } text)
            return null;
        if (DateTimeOffset.TryParseExact(text, IsoDates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
            return value;
        options.Error($"'{key}' must be a date or time in ISO 8601, not '{text}'.", key);
        return null;
    }
}
