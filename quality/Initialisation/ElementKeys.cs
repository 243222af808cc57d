using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>Which field of an array's elements may be their own key.</summary>
internal static class ElementKeys
{
    /// <summary>Far within what PostgreSQL's index takes, together with the keys around it.</summary>
    const int LongestBytes = 500;

    static readonly string[] Names = ["id", "uuid", "guid", "key"];

    /// <summary>By its name: an id, or the id of what the array is named after.</summary>
    public static bool MayBe(byte[] nameUtf8, ObservedField elements)
    {
        string name = Identifier.SnakeCase(Encoding.UTF8.GetString(nameUtf8));
        return Names.Contains(name) || name == $"{Singular.Of(Identifier.SnakeCase(elements.Around!.Name))}_id";
    }

    /// <summary>By what stood there: in every element, of one type that makes a key, and never twice in the whole collection.</summary>
    public static bool Is(ObservedField field) => field.Unique is { Holds: true } && field.Count == field.Around!.CountOf(BsonType.Document) && field.Repeated == 0
        && field.TypesSeen is [BsonType.ObjectId or BsonType.String or BsonType.Int32 or BsonType.Int64] && !field.HasNulls
        && field.Texts is { WithNul: 0, NotUtf8: 0, LongestBytes: <= LongestBytes };
}
