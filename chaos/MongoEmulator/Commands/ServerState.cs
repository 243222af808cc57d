using Chaos.MongoEmulator.FailPoints;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;

namespace Chaos.MongoEmulator.Commands;

/// <summary>What the commands of one server share.</summary>
sealed record ServerState(Catalog Catalog, CursorTable Cursors, ObjectIdSource ObjectIds, SessionTable Sessions, FailCommand FailCommand, TimeProvider Time)
{
    public ClusterClock Clock => Catalog.Clock;
}
