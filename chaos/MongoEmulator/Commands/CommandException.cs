using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>A refusal that a client sees as <c>{ok: 0, code, codeName, errmsg}</c>, or as one write error of a batch.</summary>
sealed class CommandException(ErrorCode code, string message) : Exception(message)
{
    public ErrorCode Code => code;

    /// <summary>Fields that a write error carries besides its code (keyPattern and keyValue of a duplicate key).</summary>
    public Action<BsonWriter>? Details { get; init; }

    /// <summary>What the error permits a driver to do; see <see cref="ErrorLabels"/>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
