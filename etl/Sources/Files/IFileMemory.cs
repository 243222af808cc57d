using Etl.Contracts;
using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>The files that were read already: so that late and rewritten ones are found whatever their time says.</summary>
public interface IFileMemory
{
    /// <returns>For each name, in the order asked, what is remembered; null where nothing is.</returns>
    Task<IReadOnlyList<SeenFile?>> RecallAsync(Dataset dataset, IReadOnlyList<Hash128> names, CancellationToken cancellation);

    /// <summary>Remembers files, each in place of what was known under its name.</summary>
    Task KeepAsync(Dataset dataset, IReadOnlyList<SeenFile> files, CancellationToken cancellation);
}
