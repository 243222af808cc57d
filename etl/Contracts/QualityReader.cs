namespace Etl.Contracts;

/// <summary>Reads the quality rules of a property or dataset: what a document's value can be judged by, and what only the warehouse can answer.</summary>
internal static class QualityReader
{
    static readonly string[] Known =
    [
        "id", "authoritativeDefinitions", "businessImpact", "customProperties", "description", "dimension", "method", "name", "schedule", "scheduler", "severity",
        "tags", "type", "unit", "metric", "arguments", "query", "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan",
        "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween",
    ];

    static readonly (string Key, Comparison Comparison)[] Operators =
    [
        ("mustBe", Comparison.Equal), ("mustNotBe", Comparison.NotEqual), ("mustBeGreaterThan", Comparison.GreaterThan),
        ("mustBeGreaterOrEqualTo", Comparison.GreaterOrEqual), ("mustBeLessThan", Comparison.LessThan), ("mustBeLessOrEqualTo", Comparison.LessOrEqual),
        ("mustBeBetween", Comparison.Between), ("mustNotBeBetween", Comparison.NotBetween),
    ];

    static readonly string[] OfProperties = ["nullValues", "missingValues", "invalidValues", "duplicateValues", "sql"];
    static readonly string[] OfDatasets = ["rowCount", "duplicateValues", "sql"];

    /// <param name="what">The property's path or the dataset's name.</param>
    public static IReadOnlyList<QualityRule> Read(YamlView entry, string what, bool ofDataset)
    {
        var rules = new List<QualityRule>();
        foreach (var rule in entry.Maps("quality", "a quality rule"))
            if (ReadOne(rule.Only(Known), what, ofDataset ? OfDatasets : OfProperties) is { } read)
                rules.Add(read);
        return rules;
    }

    static QualityRule? ReadOne(YamlView rule, string what, string[] supported)
    {
        string type = rule.Text("type") ?? (rule.Has("query") ? "sql" : "library");
        if (type == "text")
            return null; // a sentence for people
        string metric = type == "sql" ? "sql" : rule.Text("metric") ?? "";
        if (type is not ("sql" or "library") || !supported.Contains(metric))
        {
            rule.Error($"The quality rule of '{what}' is not supported.{Names.DidYouMean(type is "sql" or "library" ? metric : type, supported)}", type == "custom" ? "type" : "metric");
            return null;
        }
        rule.Custom();
        string? query = type == "sql" ? rule.Required("query") : null;
        string unit = rule.Text("unit") ?? "rows";
        if (unit is not ("rows" or "percent") || unit == "percent" && metric is "sql" or "rowCount")
            rule.Error($"unit '{unit}' of rule {metric} is not known. Known: rows, and percent for values.", "unit");
        bool warns = (rule.Text("severity") ?? "error").ToLowerInvariant() is "warning" or "warn" or "info";
        return Expected(rule, metric) is { } expected
            ? new QualityRule(rule, metric, rule.Text("name") ?? rule.Text("description") ?? metric, query, Values(rule, metric, what), unit == "percent", expected, warns)
            : null;
    }

    static Expectation? Expected(YamlView rule, string metric)
    {
        var given = Operators.Where(o => rule.Has(o.Key)).ToArray();
        if (given is not [var (key, comparison)])
        {
            rule.Error($"Rule {metric} needs one of {string.Join(", ", Operators.Select(o => o.Key))}{(given.Length > 1 ? $", not {given.Length}" : "")}.");
            return null;
        }
        if (comparison is not (Comparison.Between or Comparison.NotBetween))
            return rule.Number(key) is { } value ? new Expectation(comparison, value) : null;
        if (rule.Numbers(key) is not [var lower, var upper])
        {
            rule.Error($"'{key}' needs two numbers.", key);
            return null;
        }
        if (lower >= upper)
            rule.Error($"'{key}' needs the smaller number first: {lower}, {upper}.", key);
        return new Expectation(comparison, lower, upper);
    }

    static IReadOnlyList<string> Values(YamlView rule, string metric, string what)
    {
        var arguments = rule.Map("arguments", "the arguments of a quality rule");
        string? key = metric switch { "invalidValues" => "validValues", "missingValues" => "missingValues", "duplicateValues" => "properties", _ => null };
        arguments?.Only(key is null ? [] : metric == "invalidValues" ? [key, "pattern"] : [key]);
        var values = key is null ? null : arguments?.Texts(key);
        if (metric == "invalidValues" && values is null or [] && arguments?.Has("pattern") != true || metric == "missingValues" && values is null or [])
            rule.Error($"The rule {metric} of '{what}' needs arguments.{key}.");
        return values ?? [];
    }
}
