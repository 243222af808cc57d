using Etl.Documents;
using Etl.Flattening;

namespace Quality.Initialisation;

/// <summary>Whether a value ever stood twice at one place. What cannot be remembered is taken for repeated: a key must be proven.</summary>
/// <param name="room">Shared by all places, so that memory stays bounded.</param>
internal sealed class UniqueValues(UniqueValues.Room room)
{
    /// <summary>How many values may still be remembered.</summary>
    internal sealed class Room(int values)
    {
        public int Left { get; set; } = values;
    }

    readonly HashSet<ulong> seen = [];

    public bool Holds { get; private set; } = true;

    public void Add(in BsonReader value)
    {
        if (!Holds)
            return;
        if (room.Left > 0 && seen.Add(Hash128.Of(value.Value, (ulong)value.Type).Low))
        {
            room.Left--;
            return;
        }
        Holds = false;
        room.Left += seen.Count;
        seen.Clear();
    }
}
