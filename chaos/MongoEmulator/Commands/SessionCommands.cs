using Chaos.MongoEmulator.Sessions;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

sealed class StartSessionCommand(ServerState state) : Command("startSession")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        request.Arguments.Accept("startSession").Done();
        reply.BeginDocument("id").WriteBinary("id", state.Sessions.Start(), 4).End().Write("timeoutMinutes", SessionTable.TimeoutMinutes);
    }
}

sealed class RefreshSessionsCommand(ServerState state) : Command("refreshSessions")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var sessions = request.Arguments.Documents("refreshSessions").ConvertAll(SessionTable.Read);
        request.Arguments.Done();
        foreach (string session in sessions)
            state.UseSession(session);
    }
}

sealed class EndSessionsCommand(ServerState state) : Command("endSessions")
{
    protected override void Run(Request request, BsonWriter reply)
    {
        var sessions = request.Arguments.Documents("endSessions").ConvertAll(SessionTable.Read);
        request.Arguments.Done();
        foreach (string session in sessions)
        {
            state.Sessions.End(session);
            state.Cursors.EndSession(session);
        }
    }
}
