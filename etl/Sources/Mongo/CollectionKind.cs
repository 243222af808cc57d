namespace Etl.Sources.Mongo;

/// <summary>What stands behind a name.</summary>
internal enum CollectionKind
{
    Missing,

    /// <summary>Has an index on _id, or is clustered by it.</summary>
    Collection,

    /// <summary>Has an index on _id that sorts text as people do, not by its bytes.</summary>
    Collated,

    /// <summary>A view or a time series: no index on _id to walk, and no bounds on one.</summary>
    View,
}
