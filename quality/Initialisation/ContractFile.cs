using Etl;
using Etl.Contracts;

namespace Quality.Initialisation;

/// <summary>The contract.yaml that is to be written: never over another by mistake, and never one that cannot be read back.</summary>
internal sealed class ContractFile
{
    readonly bool replace;

    /// <exception cref="UsageException">There is one already; said before anything is read.</exception>
    public ContractFile(string folder, bool replace)
    {
        (Folder, this.replace) = (folder, replace);
        // Without a separator it could be taken for a shipped pipeline of that name.
        if (!folder.Contains('/') && !folder.Contains(System.IO.Path.DirectorySeparatorChar))
            Folder = "./" + folder;
        Path = System.IO.Path.Combine(Folder, ContractReader.FileName);
        Check();
    }

    public string Folder { get; }

    public string Path { get; }

    void Check()
    {
        if (File.Exists(Folder))
            throw new UsageException($"'{Folder}' is a file. Name a folder with --out.");
        if (!replace && File.Exists(Path))
            throw new UsageException($"'{Path}' exists. Name another folder with --out, or replace it with --force.");
    }

    /// <returns>The contract, read back.</returns>
    public Contract Write(string text)
    {
        Check();
        Directory.CreateDirectory(Folder);
        string draft = Path + ".draft";
        File.WriteAllText(draft, text);
        try
        {
            ContractReader.Read(draft);
            File.Move(draft, Path, overwrite: true);
        }
        catch (UsageException e)
        {
            throw new InvalidOperationException($"What was written cannot be read back; it is left in {draft}. {e.Message}", e);
        }
        return ContractReader.Read(Path);
    }
}
