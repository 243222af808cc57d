using Etl.Documents;

namespace Chaos.Generation;

/// <summary>Where generated documents go; also tells what is already there. One small door, so that tests need no server.</summary>
public interface IDocumentSink
{
    /// <summary>Inserts documents; an error of the server is thrown, never swallowed.</summary>
    Task InsertAsync(string collection, IReadOnlyList<byte[]> documents, CancellationToken cancellation = default);

    /// <summary>Updates documents in place. A document that is gone meanwhile is not an error.</summary>
    Task UpdateAsync(string collection, IReadOnlyList<DocumentUpdate> updates, CancellationToken cancellation = default);

    /// <summary>Documents whose field is below a value of the same type, highest first.</summary>
    /// <param name="below">The value as BSON; its type limits the search to values of that type.</param>
    /// <param name="limit">At most so many; fewer do not mean the end, none does.</param>
    /// <param name="fields">Fields wanted besides _id.</param>
    Task<IReadOnlyList<byte[]>> HighestAsync(
        string collection, string field, BsonType type, ReadOnlyMemory<byte> below, int limit, IReadOnlyList<string> fields, CancellationToken cancellation = default);
}
