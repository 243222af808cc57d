using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class PingCommand() : Command("ping")
{
    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply) => request.Arguments.Accept("ping").Done();
}

sealed class BuildInfoCommand() : Command("buildInfo", "buildinfo")
{
    /// <summary>The server whose documented behaviour this one is held to.</summary>
    public const string Version = "6.0.0";

    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Accept(request.Arguments.Name).Done();
        reply.Write("version", Version).Write("gitVersion", "emulator").BeginArray("modules").Write("emulator").End();
        reply.BeginArray("versionArray");
        foreach (string part in Version.Split('.').Append("0"))
            reply.Write(default, int.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
        reply.End().Write("bits", 64).Write("debug", false).Write("maxBsonObjectSize", Bson.MaxDocumentSize).Write("emulator", true);
    }
}

sealed class GetParameterCommand() : Command("getParameter")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Accept("getParameter");
        bool known = !request.Arguments.Take("featureCompatibilityVersion").IsMissing;
        if (!known)
            throw new CommandException(ErrorCode.InvalidOptions, "no option found to get");
        request.Arguments.Done();
        reply.BeginDocument("featureCompatibilityVersion").Write("version", "6.0").End();
    }
}
