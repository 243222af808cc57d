using Etl.Contracts;
using Etl.Documents;

namespace Quality.Commands.Quarantine;

/// <summary>
/// Decides what of a refused document may be seen. Personal by contract: masked. Not described at all: masked too,
/// since nobody said that it is not personal. A value that stands where an object with something personal inside should be: masked whole.
/// </summary>
/// <param name="reveal">Everything may be seen.</param>
internal sealed class Disclosure(bool reveal)
{
    public const string Mask = "***";

    public bool Reveal => reveal;

    /// <summary>What stands around an element: an object or array that the contract describes, or (null) one that may be seen whatever is in it.</summary>
    public readonly record struct Surroundings(Field? Described);

    /// <summary>What is to be done with an element.</summary>
    public readonly record struct Decision(bool Masked, Surroundings? Enter)
    {
        public static readonly Decision Hide = new(true, null), Show = new(false, null);
    }

    public Surroundings Document(Dataset dataset) => new(reveal ? null : dataset.Root);

    /// <param name="inArray">The element is one of an array's, and has no name of its own.</param>
    public static Decision On(Surroundings around, bool inArray, string name, BsonType type)
    {
        var open = type is BsonType.Document or BsonType.Array ? new Decision(false, new Surroundings(null)) : Decision.Show;
        if (around.Described is not { } parent)
            return open;
        var field = inArray ? parent : parent.Children.FirstOrDefault(f => f.Name == name);
        if (field is null)
            return Decision.Hide;
        bool asDescribed = inArray ? type == BsonType.Document : (field.Kind, type) is (FieldKind.Object, BsonType.Document) or (FieldKind.Rows, BsonType.Array);
        if (asDescribed && !field.IsPersonal)
            return new Decision(false, new Surroundings(field));
        return IsPersonal(field) ? Decision.Hide : open;
    }

    /// <summary>Whether something in the dataset's documents is personal: bytes that cannot be read as a document may hold it anywhere.</summary>
    public bool MayShowBytes(Dataset dataset) => reveal || !IsPersonal(dataset.Root);

    /// <summary>Itself, or something inside it.</summary>
    static bool IsPersonal(Field field) => field.IsPersonal || field.Children.Any(IsPersonal);
}
