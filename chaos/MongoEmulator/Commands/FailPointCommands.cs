using Chaos.MongoEmulator.FailPoints;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Sets <see cref="FailCommand"/>. mongod knows this command only when started for tests; this server always is.</summary>
sealed class ConfigureFailPointCommand(ServerState state) : Command("configureFailPoint")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        if (request.Database != "admin")
            throw new CommandException(ErrorCode.Unauthorized, "configureFailPoint may only be run against the admin database.");
        var arguments = request.Arguments;
        string name = arguments.Text("configureFailPoint");
        if (name != "failCommand")
            throw new CommandException(ErrorCode.FailPointSetFailed, $"{name} not found");
        var mode = Mode(arguments.Take("mode"));
        var failure = Failure(arguments.Document("data") ?? Bson.Make(static _ => { }));
        arguments.Done();
        reply.Write("count", (int)state.FailCommand.TotalFired);
        state.FailCommand.Set(mode, failure);
    }

    static FailPointMode Mode(BsonValue mode)
    {
        if (mode.IsMissing)
            throw new CommandException(ErrorCode.IllegalOperation, "When setting a failpoint, you must supply a 'mode'");
        if (mode.Type == BsonType.String)
            return mode.Text switch
            {
                "off" => FailPointMode.Off,
                "alwaysOn" => FailPointMode.AlwaysOn,
                var other => throw new CommandException(ErrorCode.BadValue, $"unknown mode: {other}"),
            };
        if (mode.Type != BsonType.Document)
            throw new CommandException(ErrorCode.TypeMismatch, "'mode' must be a string or JSON object");
        var fields = new Arguments(mode.Bytes, "mode");
        var (times, skip, chance) = (fields.Number("times"), fields.Number("skip"), fields.Take("activationProbability"));
        fields.Done();
        if (times is { } count)
            return count > 0 ? FailPointMode.Times(count) : throw new CommandException(ErrorCode.BadValue, "'times' option to 'mode' must be positive");
        if (skip is { } skipped)
            return skipped >= 0 ? FailPointMode.Skip(skipped) : throw new CommandException(ErrorCode.BadValue, "'skip' option to 'mode' must be positive");
        if (!chance.IsNumber)
            throw new CommandException(ErrorCode.BadValue, "'mode' must be one of 'times', 'skip', or 'activationProbability'");
        double probability = Arithmetic.ToDouble(chance);
        return probability is >= 0 and <= 1
            ? FailPointMode.Probability(probability)
            : throw new CommandException(ErrorCode.BadValue, $"activationProbability must be between 0.0 and 1.0; found {ShellText.Of(chance)}");
    }

    static CommandFailure Failure(ReadOnlyMemory<byte> data)
    {
        var fields = new Arguments(data, "data");
        bool blocks = fields.Flag("blockConnection");
        var milliseconds = fields.Number("blockTimeMS");
        if (blocks && milliseconds is null or < 0)
            throw new CommandException(ErrorCode.BadValue, "must specify 'blockTimeMS' when 'blockConnection' is true");
        var failure = new CommandFailure
        {
            Commands = Texts(fields, "failCommands") ?? [],
            ErrorCode = (int?)fields.Number("errorCode"),
            ErrorLabels = Texts(fields, "errorLabels"),
            CloseConnection = fields.Flag("closeConnection"),
            Block = blocks ? TimeSpan.FromMilliseconds(milliseconds!.Value) : TimeSpan.Zero,
            AppName = fields.OptionalText("appName"),
            Namespace = fields.OptionalText("namespace"),
            WriteConcernError = fields.Document("writeConcernError")?.ToArray(),
        };
        fields.Done();
        return failure;
    }

    static List<string>? Texts(Arguments fields, string name)
    {
        var value = fields.Take(name);
        if (value.IsMissing)
            return null;
        if (value.Type != BsonType.Array)
            throw new CommandException(ErrorCode.TypeMismatch, $"'data.{name}' must be an array of strings, not {ShellText.Of(value)}");
        List<string> texts = [];
        var items = new BsonReader(value.Span);
        while (items.Read())
            texts.Add(items.Type == BsonType.String ? items.String
                : throw new CommandException(ErrorCode.TypeMismatch, $"'data.{name}' must be an array of strings, not {ShellText.Of(value)}"));
        return texts;
    }
}
