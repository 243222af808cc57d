using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>$project: fields kept, left out, or computed.</summary>
sealed class ProjectStage : Stage
{
    readonly Projection? projection;

    public ProjectStage(in BsonReader specification)
    {
        if (specification.Type != BsonType.Document)
            throw new CommandException((ErrorCode)15969, "$project specification must be an object");
        if (specification.Document.Length == BsonReader.SmallestDocument)
            throw new CommandException((ErrorCode)51272, "Invalid $project :: caused by :: projection specification must have at least one field");
        projection = Projection.Parse(specification.Document);
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) =>
        projection == null ? documents : documents.Select(d => projection.Apply(d).ToArray());
}

/// <summary>$addFields, also called $set.</summary>
sealed class AddFieldsStage : Stage
{
    readonly ComputedFields fields = new();

    public AddFieldsStage(in BsonReader specification)
    {
        if (specification.Type != BsonType.Document)
            throw new CommandException((ErrorCode)40272, $"{specification.Name} specification stage must be an object, got {specification.Type.Alias()}");
        for (var reader = specification.Nested(); reader.Read();)
            fields.Add("", reader);
        if (fields.Count == 0)
            throw new CommandException((ErrorCode)40177, $"Invalid {specification.Name} :: caused by :: specification must have at least one field");
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) => documents.Select(d => fields.Apply(d, d));
}

/// <summary>$unset: a projection that leaves out.</summary>
sealed class UnsetStage : Stage
{
    readonly Projection projection;

    public UnsetStage(in BsonReader specification)
    {
        List<string> names = [];
        if (specification.Type == BsonType.String)
            names.Add(specification.String);
        else if (specification.Type == BsonType.Array)
            for (var items = specification.Nested(); items.Read();)
                names.Add(items.Type == BsonType.String ? items.String : throw new CommandException((ErrorCode)31120, "$unset specification must be a string or an array containing only string values"));
        else
            throw new CommandException((ErrorCode)31002, "$unset specification must be a string or an array");
        if (names.Count == 0)
            throw new CommandException((ErrorCode)31119, "$unset specification must be a string or an array with at least one field");
        projection = Projection.Parse(Bson.Make(w =>
        {
            foreach (string name in names)
                w.Write(name, 0);
        }))!;
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) => documents.Select(d => projection.Apply(d).ToArray());
}

/// <summary>$replaceRoot and $replaceWith: another document in place of each.</summary>
sealed class ReplaceRootStage(Expression root) : Stage
{
    public static ReplaceRootStage Parse(in BsonReader specification)
    {
        if (specification.Name == "$replaceWith")
            return new(Expression.Parse(specification));
        if (specification.Type != BsonType.Document)
            throw new CommandException((ErrorCode)40229, $"expected an object as specification for $replaceRoot stage, got {specification.Type.Alias()}");
        var reader = specification.Nested();
        if (!reader.Read() || reader.Name != "newRoot")
            throw new CommandException((ErrorCode)40231, "no newRoot specified for the $replaceRoot stage");
        var root = Expression.Parse(reader);
        return reader.Read() ? throw new CommandException(ErrorCode.UnknownField, $"BSON field '$replaceRoot.{reader.Name}' is an unknown field.") : new(root);
    }

    public override IEnumerable<byte[]> Run(IEnumerable<byte[]> documents) => documents.Select(d => root.Evaluate(d) is { Type: BsonType.Document } made
        ? made.Bytes.ToArray()
        : throw new CommandException((ErrorCode)40228, $"'newRoot' expression must evaluate to an object, but resulting value was: {ShellText.Of(root.Evaluate(d))}."));
}
