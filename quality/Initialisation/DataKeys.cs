using System.Text.RegularExpressions;

namespace Quality.Initialisation;

/// <summary>Tells objects whose keys are data (one key a day, a user, a product) from those whose keys are fields: the former have no end of columns.</summary>
internal static partial class DataKeys
{
    const int FewestByForm = 3, FewestByShare = 20;

    /// <summary>Fields of a real description stand in a good part of its objects.</summary>
    const double LowShare = 0.1, MostlyData = 0.8;

    /// <returns>Why it is one, in words; null: it is none.</returns>
    public static string? Why(ObservedField place)
    {
        if (place.Beyond > 0)
            return $"there are more of them than {place.Fields.Count} different ones";
        int names = place.Fields.Count, likeData = place.Fields.Count(f => LooksLikeData().IsMatch(f.Name));
        if (names >= FewestByForm && likeData >= MostlyData * names)
            return $"{likeData} of {names} keys look like ids or dates";
        double share = place.Fields.Sum(f => (double)f.Count) / names / place.CountOf(Etl.Documents.BsonType.Document);
        return names >= FewestByShare && share < LowShare ? $"{names} different keys, each in {TextSample.Percent(share)} of its objects on average" : null;
    }

    /// <summary>A number, a date, an ObjectId, a UUID, a mail address.</summary>
    [GeneratedRegex(@"^(-?[0-9]+([.,:][0-9]+)*|[0-9]{4}[-_/.][0-9]{1,2}([-_/.][0-9]{1,2}.*)?|[0-9a-fA-F]{24}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[^@\s]+@[^@\s]+\.[^@\s]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex LooksLikeData();
}
