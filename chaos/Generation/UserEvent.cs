using System.Text.Json;

namespace Chaos.Generation;

/// <summary>A user has come.</summary>
/// <param name="Address">Has line ends.</param>
sealed record UserEvent(Guid EventId, DateTime At, long Id, string Name, string Address, string Job, double Score) : InboxEvent(EventId, At)
{
    public override string Folder => CardsState.Users;

    protected override string Type => "user";

    protected override void WritePayload(Utf8JsonWriter writer)
    {
        writer.WriteNumber("id", Id);
        writer.WriteString("name", Name);
        writer.WriteString("address", Address);
        writer.WriteString("job", Job);
        writer.WriteNumber("score", Score);
    }
}
