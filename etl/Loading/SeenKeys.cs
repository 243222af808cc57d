using Etl.Flattening;

namespace Etl.Loading;

/// <summary>
/// Tells keys that came before from those that did not, by 64 bits of their hash: a key that came is always known again, and hardly ever one is
/// that did not. Memory is bounded: of more keys than it may remember, the rest is taken for new.
/// </summary>
internal sealed class SeenKeys(int most)
{
    ulong[] places = new ulong[1 << 12]; // open addressing; 0: free
    int count;

    /// <returns>False when the key came before.</returns>
    public bool Add(Hash128 key)
    {
        ulong wanted = key.Low | 1; // never the mark of a free place
        ref ulong place = ref Find(places, wanted);
        if (place == wanted)
            return false;
        if (count < most)
        {
            place = wanted;
            if (++count * 2 > places.Length)
                Grow();
        }
        return true;
    }


    void Grow()
    {
        var larger = new ulong[places.Length * 2];
        foreach (ulong key in places)
            if (key != 0)
                Find(larger, key) = key;
        places = larger;
    }

    static ref ulong Find(ulong[] places, ulong key)
    {
        for (int place = (int)(key >> 1) & (places.Length - 1); ; place = (place + 1) & (places.Length - 1))
            if (places[place] == 0 || places[place] == key)
                return ref places[place];
    }
}
