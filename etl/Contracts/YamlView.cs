using System.Globalization;
using System.Numerics;
using Etl.Documents;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Etl.Contracts;

/// <summary>A mapping of a YAML file, read key by key; whatever is wrong goes to the shared list of errors with its line.</summary>
internal sealed class YamlView(YamlMappingNode node, ContractErrors errors, string what)
{
    public Mark Start => node.Start;

    public ContractErrors Errors => errors;

    public bool Has(string key) => Find(key) is not null;

    YamlNode? Find(string key) => node.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: var k } && k == key).Value;

    public void Error(string message, string? key = null) => errors.Add((key is null ? null : Find(key))?.Start ?? node.Start, message);

    /// <summary>Reports the keys that are not among the known ones: the standard rejects them, and a typo must not pass.</summary>
    public YamlView Only(params string[] known)
    {
        foreach (var (key, _) in node.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(name))
                errors.Add(key.Start, $"'{name}' is not known in {what}.{Names.DidYouMean(name, known)}");
        }
        return this;
    }

    public string? Text(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { } value }:
                return value;
            case var other:
                errors.Add(other.Start, $"'{key}' of {what} must be a text.");
                return null;
        }
    }

    public string Required(string key)
    {
        if (Text(key) is { Length: > 0 } value)
            return value;
        if (Find(key) is null or YamlScalarNode)
            Error($"{what} needs '{key}'.", key);
        return "";
    }

    public bool Flag(string key)
    {
        switch (Text(key))
        {
            case null or "false":
                return false;
            case "true":
                return true;
            case var other:
                Error($"'{key}' of {what} must be true or false, not '{other}'.", key);
                return false;
        }
    }

    public decimal? Number(string key) =>
        Text(key) is { } text ? Number(key, text, $"'{key}' of {what} must be a number") : null;

    public IReadOnlyList<decimal>? Numbers(string key) =>
        [.. (Texts(key) ?? []).Select(text => Number(key, text, $"'{key}' of {what} must hold numbers")).OfType<decimal>()];

    decimal? Number(string key, string text, string demand)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value))
            Error($"{demand}, not '{text}'.", key);
        else if (!IsExact(text, value))
            Error($"{demand} of at most 28 digits, 28 of them behind the point, not '{text}'.", key);
        else
            return value;
        return null;
    }

    /// <summary>Digits that no decimal holds would be lost without a word: 1e-40 is not 0.</summary>
    static bool IsExact(string text, decimal value)
    {
        try
        {
            var (written, kept) = (Decimal128.Parse(text.Trim()), (Decimal128)value);
            // Of equal numbers the quotient of coefficients is the power of ten that their exponents differ by.
            int exponent = Math.Min(written.Exponent, kept.Exponent);
            return written.IsNegative == kept.IsNegative | written.Coefficient == 0
                && written.Coefficient * BigInteger.Pow(10, written.Exponent - exponent) == kept.Coefficient * BigInteger.Pow(10, kept.Exponent - exponent);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false; // more digits than Decimal128 has
        }
    }

    public int? Count(string key)
    {
        if (Number(key) is not { } value)
            return null;
        if (value >= 0 && value <= int.MaxValue && decimal.IsInteger(value))
            return (int)value;
        Error($"'{key}' of {what} must be a whole number from 0 on, not '{Text(key)}'.", key);
        return null;
    }

    public YamlView? Map(string key, string whatItIs)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlMappingNode map:
                return new YamlView(map, errors, whatItIs);
            case var other:
                errors.Add(other.Start, $"'{key}' of {what} must be a mapping.");
                return null;
        }
    }

    public IEnumerable<YamlView> Maps(string key, string whatTheyAre)
    {
        foreach (var item in Items(key))
            if (item is YamlMappingNode map)
                yield return new YamlView(map, errors, whatTheyAre);
            else
                errors.Add(item.Start, $"Each entry of '{key}' of {what} must be a mapping.");
    }

    public IReadOnlyList<string>? Texts(string key)
    {
        if (Find(key) is null)
            return null;
        var texts = new List<string>();
        foreach (var item in Items(key))
            if (item is YamlScalarNode { Value: { } value })
                texts.Add(value);
            else
                errors.Add(item.Start, $"Each entry of '{key}' of {what} must be a text.");
        return texts;
    }

    /// <summary>A list of texts, or one alone.</summary>
    public IReadOnlyList<string>? TextOrTexts(string key) => Find(key) is YamlScalarNode { Value: { } value } ? [value] : Texts(key);

    public bool IsMap(string key) => Find(key) is YamlMappingNode;

    /// <summary>The entries of a mapping whose values are texts, in their order.</summary>
    public IReadOnlyList<(string Key, string Value)> Pairs()
    {
        var pairs = new List<(string, string)>();
        foreach (var (key, _) in node.Children)
            if (key is YamlScalarNode { Value: { } name } && Text(name) is { } value)
                pairs.Add((name, value));
        return pairs;
    }

    IEnumerable<YamlNode> Items(string key)
    {
        switch (Find(key))
        {
            case null:
                return [];
            case YamlSequenceNode list:
                return list.Children;
            case var other:
                errors.Add(other.Start, $"'{key}' of {what} must be a list.");
                return [];
        }
    }

    /// <summary>ODCS keeps what it does not know itself in customProperties, a list of {property, value}.</summary>
    public YamlView Custom(params string[] known)
    {
        var flat = new YamlMappingNode { };
        foreach (var entry in Maps("customProperties", "a customProperty"))
        {
            entry.Only("id", "property", "value", "description");
            string name = entry.Required("property");
            if (name.Length == 0)
                continue;
            if (!known.Contains(name))
                entry.Error($"customProperty '{name}' is not known for {what}.{Names.DidYouMean(name, known)}", "property");
            else if (entry.Find("value") is not { } value)
                entry.Error($"customProperty '{name}' needs a value.");
            else if (!flat.Children.TryAdd(new YamlScalarNode(name), value))
                entry.Error($"customProperty '{name}' stands twice.", "property");
        }
        return new YamlView(flat, errors, what);
    }
}
