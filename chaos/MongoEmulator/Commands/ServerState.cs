using Chaos.MongoEmulator.Authentication;
using Chaos.MongoEmulator.FailPoints;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Sessions;
using Chaos.MongoEmulator.Storage;

namespace Chaos.MongoEmulator.Commands;

/// <summary>What the commands of one server share.</summary>
sealed record ServerState(Catalog Catalog, CursorTable Cursors, ObjectIdSource ObjectIds, SessionTable Sessions, FailCommand FailCommand, TimeProvider Time)
{
    /// <summary>By name. Where there are none, nobody need log in.</summary>
    public IReadOnlyDictionary<string, MongoUser> Users { get; init; } = new Dictionary<string, MongoUser>();

    /// <summary>For what needs a number of its own.</summary>
    public Guid NewUuid() => Catalog.NewUuid();

    public ClusterClock Clock => Catalog.Clock;

    /// <summary>Marks a session as used, and closes what belongs to those that have expired.</summary>
    public void UseSession(string session)
    {
        foreach (string expired in Sessions.Use(session))
            Cursors.EndSession(expired);
    }
}
