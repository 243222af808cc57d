using System.Globalization;
using Etl.Documents;

namespace Etl.Tests.Loading;

/// <summary>An event of the tests: somebody (Who) is said to be something (Says) at a second (At); its key is Id.</summary>
/// <param name="Place">Where it stands in its source: a file's name, or a place in a day.</param>
sealed record Happening(string Id, int Who, int At, string Says, object Place)
{
    /// <summary>Breaks the contract: nobody is named.</summary>
    public bool IsBad { get; init; }

    public bool IsDeletion => Says == "gone";

    public byte[] Position => Bson.Make(WritePlace);

    void WritePlace(BsonWriter w)
    {
        if (Place is (int day, int index))
            w.BeginDocument("_id").WriteDateTime("day", day * 86_400_000L).Write("index", index).End();
        else
            w.Write("_id", (string)Place);
    }

    public byte[] ToBson() => Bson.Make(w =>
    {
        WritePlace(w);
        w.BeginDocument("meta").Write("id", Id).Write("at", Time(At)).End();
        if (!IsBad)
            w.Write("who", Who);
        w.Write("says", Says);
    });

    public static string Time(int second) => DateTime.UnixEpoch.AddSeconds(second).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>As the tests' tables show it.</summary>
    public string Row => $"{Id}|{Time(At)}|{Who}|{Says}";

    public string LatestRow => $"{Who}|{Says}|{Id}";
}
