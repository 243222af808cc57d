using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>Compiles the operators that stand under a field's name.</summary>
static class ConditionParser
{
    /// <summary>Operators that mongod has: refused, but not called unknown.</summary>
    static readonly HashSet<string> Elsewhere =
    [
        "$bitsAllSet", "$bitsAllClear", "$bitsAnySet", "$bitsAnyClear", "$geoWithin", "$geoIntersects", "$near", "$nearSphere", "$within",
        "$_internalSchemaType", "$encStrKeys",
    ];

    /// <exception cref="CommandException">BadValue: an operator that is unknown or misused.</exception>
    public static Condition Parse(FieldPath path, BsonReader reader)
    {
        List<Condition> parts = [];
        var operators = reader;
        while (reader.Read())
            if (reader.Name == "$options")
                _ = HasRegex(operators) ? true : throw new CommandException(ErrorCode.BadValue, "$options needs a $regex");
            else if (reader.Name != "$comment")
                parts.Add(Operator(path, reader, operators));
        return new AllConditions(parts);
    }

    static Condition Operator(FieldPath path, in BsonReader reader, BsonReader operators) => reader.Name switch
    {
        "$eq" => Compared(path, Comparison.Equal, reader),
        "$ne" => reader.Type == BsonType.RegularExpression
            ? throw new CommandException(ErrorCode.BadValue, "Can't have regex as arg to $ne.")
            : new NotCondition(Compared(path, Comparison.Equal, reader)),
        "$lt" => Compared(path, Comparison.Less, reader),
        "$lte" => Compared(path, Comparison.LessOrEqual, reader),
        "$gt" => Compared(path, Comparison.Greater, reader),
        "$gte" => Compared(path, Comparison.GreaterOrEqual, reader),
        "$in" => new TestCondition(In(reader)),
        "$nin" => new NotCondition(new TestCondition(In(reader))),
        "$exists" => BsonValue.CopyOf(reader).IsTrue ? new TestCondition(new ExistsTest()) : new NotCondition(new TestCondition(new ExistsTest())),
        "$not" => new NotCondition(Negated(path, reader)),
        "$regex" => new TestCondition(Regex(reader, operators)),
        "$size" => new TestCondition(Size(reader)),
        "$type" => new TestCondition(new TypeTest(reader)),
        "$mod" => new TestCondition(new ModuloTest(reader)),
        "$elemMatch" => new TestCondition(Element(path, reader)),
        "$all" => All(path, reader),
        var name when Elsewhere.Contains(name) => throw new CommandException(ErrorCode.BadValue, $"this emulator does not know the operator {name}"),
        var name => throw new CommandException(ErrorCode.BadValue, $"unknown operator: {name}"),
    };

    static TestCondition Compared(FieldPath path, Comparison comparison, in BsonReader reader)
    {
        if (reader.Type == BsonType.RegularExpression && comparison != Comparison.Equal)
            throw new CommandException(ErrorCode.BadValue, $"Can't have RegEx as arg to predicate over field '{path.Text}'.");
        if (reader.Type == BsonType.Undefined)
            throw new CommandException(ErrorCode.BadValue, "cannot compare to undefined");
        return new TestCondition(new ComparisonTest(comparison, BsonValue.CopyOf(reader)));
    }

    static Condition Negated(FieldPath path, in BsonReader reader)
    {
        if (reader.Type == BsonType.RegularExpression)
            return new TestCondition(Regex(reader.Regex));
        if (reader.Type != BsonType.Document)
            throw new CommandException(ErrorCode.BadValue, "$not needs a regex or a document");
        if (!FilterParser.HasOperator(reader))
            throw new CommandException(ErrorCode.BadValue, reader.Document.Length == BsonReader.SmallestDocument ? "$not cannot be empty" : "$not needs a document of operators");
        return Parse(path, reader.Nested());
    }

    static InTest In(in BsonReader reader)
    {
        if (reader.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, $"{reader.Name} needs an array");
        List<BsonValue> values = [];
        List<RegexTest> patterns = [];
        var items = reader.Nested();
        while (items.Read())
            if (items.Type == BsonType.RegularExpression)
                patterns.Add(Regex(items.Regex));
            else if (items.Type == BsonType.Document && FilterParser.HasOperator(items))
                throw new CommandException(ErrorCode.BadValue, $"cannot nest $ under {reader.Name}");
            else
                values.Add(BsonValue.CopyOf(items));
        return new InTest(values, patterns);
    }

    public static RegexTest Regex((string Pattern, string Options) regex) => new(regex.Pattern, regex.Options);

    static bool HasRegex(BsonReader operators) => Bson.Find(ref operators, "$regex"u8);

    static RegexTest Regex(in BsonReader reader, BsonReader operators)
    {
        string? options = null;
        if (Bson.Find(ref operators, "$options"u8))
            options = operators.Type == BsonType.String ? operators.String : throw new CommandException(ErrorCode.BadValue, "$options has to be a string");
        if (reader.Type == BsonType.String)
            return new RegexTest(reader.String, options ?? "");
        if (reader.Type != BsonType.RegularExpression)
            throw new CommandException(ErrorCode.BadValue, "$regex has to be a string");
        var (pattern, own) = reader.Regex;
        if (own.Length > 0 && options != null)
            throw new CommandException((ErrorCode)51075, "options set in both $regex and $options");
        return new RegexTest(pattern, options ?? own);
    }

    static SizeTest Size(in BsonReader reader)
    {
        string argument = $"in: $size: {ShellText.Of(reader.Type, reader.Value)}";
        if (!reader.Type.IsNumber() || BsonValue.CopyOf(reader).WholeNumber is not { } size)
            throw new CommandException(ErrorCode.BadValue, $"Failed to parse $size. Expected an integer {argument}");
        return size >= 0 ? new SizeTest(size) : throw new CommandException(ErrorCode.BadValue, $"Failed to parse $size. Expected a non-negative number {argument}");
    }

    static ValueTest Element(FieldPath path, in BsonReader reader)
    {
        if (reader.Type != BsonType.Document)
            throw new CommandException(ErrorCode.BadValue, "$elemMatch needs an Object");
        var first = reader.Nested();
        bool ofOperators = FilterParser.HasOperator(reader) && first.Read() && first.Name is not ("$and" or "$or" or "$nor" or "$where" or "$expr");
        return ofOperators ? new ElementValueTest(Parse(path, reader.Nested())) : new ElementDocumentTest(FilterParser.Parse(reader.Document));
    }

    /// <summary>Every one of some values, or of some <c>$elemMatch</c>, but not of both kinds.</summary>
    static Condition All(FieldPath path, in BsonReader reader)
    {
        if (reader.Type != BsonType.Array)
            throw new CommandException(ErrorCode.BadValue, "$all needs an array");
        List<Condition> parts = [];
        bool? ofElements = null;
        var items = reader.Nested();
        while (items.Read())
        {
            bool isElement = items.Type == BsonType.Document && FilterParser.HasOperator(items);
            var inner = isElement ? items.Nested() : default;
            if (isElement && (!inner.Read() || inner.Name != "$elemMatch") || isElement != (ofElements ??= isElement))
                throw new CommandException(ErrorCode.BadValue, ofElements == true ? "$all/$elemMatch has to be consistent" : "no $ expressions in $all");
            parts.Add(isElement ? new TestCondition(Element(path, inner))
                : items.Type == BsonType.RegularExpression ? new TestCondition(Regex(items.Regex))
                : Compared(path, Comparison.Equal, items));
        }
        return parts.Count > 0 ? new AllConditions(parts) : new TestCondition(new InTest([], [])); // all of nothing is in nothing
    }
}
