namespace Quality.Reports;

/// <summary>Finds the contract that a run used, and tells what stands in it.</summary>
public interface IContractLibrary
{
    /// <summary>Whether commands find the pipeline by its name alone; others they find by their folder.</summary>
    bool Ships(string pipeline);

    /// <param name="version">As the run noted it.</param>
    /// <param name="hash">SHA-256 of the file that the run read, in hex; null: the run noted none.</param>
    /// <param name="kept">The file, where the journal kept it.</param>
    /// <returns>Never another contract than that one: where it cannot be had, the facts say why and are empty.</returns>
    ContractFacts Find(string pipeline, string? version, string? hash, byte[]? kept);
}
