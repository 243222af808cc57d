using System.Text.Json;

namespace Chaos.Generation;

/// <summary>A card as it was made, or as it stands after a change.</summary>
/// <param name="UserId">Null: the fault of one creation in twenty; the key is missing.</param>
/// <param name="IsCreation">Not written: nothing in a file tells.</param>
sealed record CardEvent(Guid EventId, DateTime At, long Id, long? UserId, string CreatedByName, DateTime UpdatedAt, DateTime CreatedAt, bool Active, bool IsCreation) : InboxEvent(EventId, At)
{
    public override string Folder => CardsState.Cards;

    protected override string Type => "card";

    protected override void WritePayload(Utf8JsonWriter writer)
    {
        writer.WriteNumber("id", Id);
        if (UserId is { } user)
            writer.WriteNumber("user_id", user);
        writer.WriteString("created_by_name", CreatedByName);
        writer.WriteString("updated_at", Text(UpdatedAt));
        writer.WriteString("created_at", Text(CreatedAt));
        writer.WriteBoolean("active", Active);
    }
}
