using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class SaslStartCommand(ServerState state) : Command("saslStart")
{
    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply) =>
        request.Peer.Login.Start(request.Arguments.Accept("saslStart"), request.Database, state.Users, reply);
}

sealed class SaslContinueCommand() : Command("saslContinue")
{
    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply) =>
        request.Peer.Login.Continue(request.Arguments.Accept("saslContinue"), reply);
}

sealed class LogoutCommand() : Command("logout")
{
    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Accept("logout").Done();
        request.Peer.Login.End();
    }
}

/// <summary>Who has logged in on this connection; every user may do everything.</summary>
sealed class ConnectionStatusCommand() : Command("connectionStatus")
{
    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Accept("connectionStatus", "showPrivileges").Done();
        reply.BeginDocument("authInfo").BeginArray("authenticatedUsers");
        if (request.Peer.Login.User is { } user)
            reply.BeginDocument().Write("user", user).Write("db", "admin").End();
        reply.End().BeginArray("authenticatedUserRoles");
        if (request.Peer.Login.User != null)
            reply.BeginDocument().Write("role", "root").Write("db", "admin").End();
        reply.End().End();
    }
}
