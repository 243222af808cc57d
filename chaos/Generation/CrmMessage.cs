namespace Chaos.Generation;

/// <summary>A message that the made-up CRM sends.</summary>
/// <param name="Body">What the queue gets.</param>
/// <param name="Kind">What it is; repetitions are of the kind <see cref="CrmKind.Repeated"/>, whatever they repeat.</param>
/// <param name="Day">The UTC day on which its event was received; late ones are sent on a later day.</param>
/// <param name="UserId">Whose event; 0 where the message is poison.</param>
public readonly record struct CrmMessage(byte[] Body, CrmKind Kind, DateOnly Day, int UserId);

public enum CrmKind
{
    Created,
    Updated,
    Deleted,

    /// <summary>A creation of a user that was deleted before.</summary>
    Recreated,

    /// <summary>Byte for byte a message that was sent before.</summary>
    Repeated,

    /// <summary>No JSON object.</summary>
    Poison,

    /// <summary>JSON, but no event that the contract allows.</summary>
    Faulty,
}
