using Etl.Validation;
using FluentValidation;

namespace Etl.Contracts;

/// <summary>One schema entry of a contract: a collection, endpoint, folder or queue, and the tables it becomes.</summary>
public sealed class Dataset
{
    public required string Name { get; init; }

    /// <summary>What the source calls it: the collection's name.</summary>
    public required string SourceName { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The description of one document.</summary>
    public required Field Root { get; init; }

    /// <summary>Refused documents allowed, in per cent of those read; applied from <see cref="MaxRejectedFrom"/> documents on.</summary>
    public required double MaxRejected { get; init; }

    /// <summary>Documents read before <see cref="MaxRejected"/> applies: one bad document in three says nothing.</summary>
    public const int MaxRejectedFrom = 100;

    /// <summary>Path of the date that puts a document into a UTC day.</summary>
    public string? PartitionBy { get; init; }

    /// <summary>The field of <see cref="PartitionBy"/>.</summary>
    public Field? PartitionField { get; internal set; }

    /// <summary>The names on the way to it, and behind which of them an array stands.</summary>
    public (byte[] Name, bool IsArray)[] PartitionPath => field ??= [.. Steps(PartitionField?.Path ?? "")];

    static IEnumerable<(byte[], bool)> Steps(string path) => path.Split('.').Select(s => s.EndsWith("[]", StringComparison.Ordinal) ? (s[..^2], true) : (s, false))
        .Select(s => (System.Text.Encoding.UTF8.GetBytes(s.Item1), s.Item2));

    /// <summary>Rows whose source is gone stay, with the time in <c>_deleted_at</c>; no reader of live data counts them.</summary>
    public bool DeletesSoftly { get; init; }

    /// <summary>Documents are events: one that is no longer in the source keeps its row, and the same key again updates it.</summary>
    public bool LoadsEvents { get; init; }

    /// <summary>Somebody else fills its tables, by keys and names of their own.</summary>
    public bool IsExternal { get; init; }

    /// <summary>The name of a column that holds when a row of the root table was inserted; null: there is none but Quality's own.</summary>
    public string? InsertedAt { get; init; }

    /// <summary>What it means that the root table has far more or fewer rows than after earlier loads.</summary>
    public VolumeCheck Volume { get; init; }

    /// <summary>Where it is read from.</summary>
    public Server Server { get; init; } = new("", ServerKinds.MongoDb, new Dictionary<string, string>());

    /// <summary>
    /// Documents come in the order of their key, and rows sort alike: a batch speaks for everything between its first and last key.
    /// Else a document is only known by its position, and its key tells nothing of where it stands.
    /// </summary>
    public bool IsOrdered => !LoadsEvents && Server.Kind == ServerKinds.MongoDb;

    /// <summary>Set once by the reader, when the tables have been derived; the first is the root table.</summary>
    public IReadOnlyList<Table> Tables { get; internal set; } = [];

    /// <summary>Set once by the reader: the tables that follow from the events.</summary>
    public IReadOnlyList<DerivedTable> Derived { get; internal set; } = [];

    /// <summary>Those that documents become, and those that follow from them.</summary>
    public IEnumerable<Table> AllTables => Tables.Concat(Derived.Select(d => d.Table));

    /// <summary>Set once by the reader: quality rules that the warehouse must answer, to be asked after a load.</summary>
    public IReadOnlyList<WarehouseCheck> Checks { get; internal set; } = [];

    /// <summary>Rule sets written in code that run for every document of the dataset.</summary>
    public IReadOnlyList<IValidator<DocumentView>> RuleSets { get; internal set; } = [];

    /// <summary>The fields that make the document's key, in order; they may stand inside objects that have no table of their own.</summary>
    public IReadOnlyList<Field> Key => field ??= [.. Inside(Root).Where(f => f.KeyPosition > 0).OrderBy(f => f.KeyPosition)];

    static IEnumerable<Field> Inside(Field around) =>
        around.Children.SelectMany(f => f is { Kind: FieldKind.Object, TableName: null } ? Inside(f) : [f]);

    /// <summary>The names of the elements that tell where a document stands.</summary>
    public IReadOnlyList<byte[]> PositionFields => field ??= IsOrdered ? [.. Key.Select(f => f.NameUtf8)] : ["_id"u8.ToArray()];

    /// <summary>The names on the way to a field outside of arrays.</summary>
    public byte[][] PathOf(Field field) => PathOf(Root, field) ?? throw new ArgumentException($"'{field}' is no field of {Name} outside of arrays.", nameof(field));

    static byte[][]? PathOf(Field around, Field field)
    {
        foreach (var child in around.Children)
            if (child == field)
                return [child.NameUtf8];
            else if (child.Kind == FieldKind.Object && PathOf(child, field) is { } inside)
                return [child.NameUtf8, .. inside];
        return null;
    }

    /// <summary>The table and column that a field's value goes to first; null: it has none.</summary>
    public (Table Table, Column Column)? PlaceOf(Field field) => CheckDerivation.Place(this, field);

    /// <summary>The table on whose line quarantined documents are counted.</summary>
    public Table RootTable => Tables[0];

    public override string ToString() => Name;
}
