namespace Chaos.Generation;

/// <summary>What one user writes in one group: a document of the messages collection.</summary>
sealed class CommunityThread(ObjectId id, ObjectId userId, ObjectId groupId, bool isStored)
{
    public ObjectId Id { get; } = id;
    public ObjectId UserId { get; } = userId;
    public ObjectId GroupId { get; } = groupId;

    /// <summary>Whether the document is in the database: then messages are pushed to it, else it is inserted with them.</summary>
    public bool IsStored { get; set; } = isStored;

    /// <summary>Messages not yet written.</summary>
    public List<CommunityMessage> Pending { get; } = [];
}
