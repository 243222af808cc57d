using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;
using Quality.Reports;

namespace Quality.Commands;

/// <summary>The contracts of past runs: as the journal kept them, else among the shipped ones. Another contract of the same name is not taken for it.</summary>
internal sealed class ContractLibrary : IContractLibrary
{
    public bool Ships(string pipeline) => PipelineFolders.Shipped().Contains(pipeline);

    /// <summary>What no contract has to spell out.</summary>
    static readonly Dictionary<string, string> Implied = new()
    {
        [RuleNames.Nul] = "not contain NUL, which PostgreSQL's text cannot hold",
        [RuleNames.Utf8] = "be UTF-8",
        [RuleNames.Range] = "lie in the range of its column's type",
        [RuleNames.Exact] = "fit its column without rounding",
        [RuleNames.DuplicateKey] = "stand only once in its object",
        [RuleNames.Malformed] = "be a whole and valid document",
        [RuleNames.KeyConflict] = "not claim a key that another document has",
    };

    public ContractFacts Find(string pipeline, string? version, string? hash, byte[]? kept) => Look(pipeline, version, hash, kept) with { Implied = Implied };

    static ContractFacts Look(string pipeline, string? version, string? hash, byte[]? kept)
    {
        if (hash is null)
            return ContractFacts.Absent("The run did not note which contract it used.", version);
        try
        {
            var contract = kept is not null ? Read(kept) : PipelineFolders.Shipped().Contains(pipeline) ? PipelineFolders.Open(pipeline) : null;
            return contract?.Hash == hash
                ? new ContractFacts(contract.Version, hash, null, [.. contract.Datasets.SelectMany(RulesOf)], [.. contract.Datasets.SelectMany(TablesOf)])
                : ContractFacts.Absent($"The contract that the run used (version {version}, SHA-256 {hash}) cannot be found: the journal did not keep it, and "
                    + (contract is null ? $"no pipeline '{pipeline}' is shipped." : $"the shipped pipeline '{pipeline}' has another one."), version, hash);
        }
        catch (UsageException e)
        {
            return ContractFacts.Absent($"The contract that the run used (version {version}, SHA-256 {hash}) cannot be read by this version of Quality: {ShownText.Clip(e.Message, 300)}", version, hash);
        }
    }

    /// <summary>The reader wants a file, for its errors name one.</summary>
    static Contract Read(byte[] kept)
    {
        var folder = Directory.CreateTempSubdirectory("quality-contract");
        try
        {
            string file = Path.Combine(folder.FullName, ContractReader.FileName);
            File.WriteAllBytes(file, kept);
            return ContractReader.Read(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static IEnumerable<ContractRule> RulesOf(Dataset dataset) => Fields(dataset.Root).SelectMany(Demands)
        .GroupBy(d => (d.Path, d.Rule)).Select(d => new ContractRule(dataset.Name, d.Key.Path, d.Key.Rule, string.Join(", and ", d.Select(x => x.Demand))));

    static IEnumerable<(string Path, string Rule, string Demand)> Demands(Field field)
    {
        foreach (var rule in new Gate(field).Rules)
            yield return (field.Path, rule.Name, rule.Demand);
        if (field.Unique)
            yield return (field.Path, "unique", "stand in one row only: checked after the load, and reported; the rows stay");
        if (field.Kind != FieldKind.Rows)
            yield break;
        yield return (field.Path + "[]", RuleNames.Required, "be there and not null");
        yield return (field.Path + "[]", RuleNames.Type, $"be {BsonType.Document.Alias()}");
    }

    static IEnumerable<Field> Fields(Field parent) => parent.Children.SelectMany(f => Fields(f).Prepend(f));

    static IEnumerable<DictionaryTable> TablesOf(Dataset dataset) => dataset.AllTables.Select((table, i) => new DictionaryTable(
        dataset.Name, table.Schema, table.Name, table.Kind.ToString().ToLowerInvariant(), table.Source.Path, table.Source.Description, null,
        [.. table.Columns.Select(ColumnOf)], i > 0 ? [] : [.. NotLoaded(dataset)]));

    static DictionaryColumn ColumnOf(Column column) => new(column.Name, column.Type.SqlName() + (column.IsArray ? "[]" : ""), column.IsKey, column.Field?.Path,
        column.Field is null ? "" : string.Join(", ", column.Field.Accepted.Select(t => t.Alias())), column.Field?.Description ?? "",
        column.Field is null ? [] : [.. new Gate(column.Field).Rules.Where(r => r.Name != RuleNames.Type).Select(r => r.Demand), .. column.Field.Unique ? ["be unique (reported)"] : Array.Empty<string>()],
        column.IsPersonal, null);

    static IEnumerable<string> NotLoaded(Dataset dataset)
    {
        var loaded = dataset.Tables.SelectMany(t => t.Columns).Select(c => c.Field?.Path).ToHashSet();
        return Fields(dataset.Root).Where(f => f.Kind == FieldKind.Value && !loaded.Contains(f.Path)).Select(f => f.Path);
    }
}
