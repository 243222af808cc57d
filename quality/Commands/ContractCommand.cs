using System.CommandLine;
using Etl.Contracts;

namespace Quality.Commands;

/// <summary><c>quality contract check FILE</c>: reads a contract and shows the tables it makes.</summary>
internal static class ContractCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A contract.yaml, a folder that holds one, or the name of a shipped pipeline" };
        var check = new Command("check", "Read a contract; show all its errors, or the tables that follow from it") { file };
        check.SetAction(parsed =>
        {
            var contract = PipelineFolders.Open(parsed.GetRequiredValue(file));
            Scheduling.CronSchedule.Of(contract, null, TimeProvider.System);
            if (Options.Json(parsed))
            {
                JsonOutput.Write(ToJson(contract));
                return ExitCodes.Done;
            }
            foreach (var table in contract.Tables)
                Terminal.Table($"{table.QualifiedName} ({table.Kind.ToString().ToLowerInvariant()}, from {table.Dataset.Name}{(table.Source.Path.Length > 0 ? "." + table.Source.Path : "")})",
                    ["column", "type", "key", "from"],
                    table.Columns.Select(c => (IReadOnlyList<string>)[c.Name, c.SqlType, c.IsKey ? "key" : "", c.Field?.Path ?? "place in the array, from 0"]));
            if (contract.Marts.Count > 0)
                Terminal.Table("Marts, in the order of making", ["mart", "kind", "key", "checks", "from"], contract.Marts.Select(m => (IReadOnlyList<string>)[m.QualifiedName, m.Kind, string.Join(", ", m.Key), $"{m.Checks.Count}", m.Select.File]));
            Terminal.Say($"Contract '{contract.Pipeline}' {contract.Version} is right: datasets {string.Join(", ", contract.Datasets)}; tables {string.Join(", ", contract.Tables.Select(t => t.Name))}{(contract.Marts.Count == 0 ? "" : $"; marts {string.Join(", ", contract.Marts.Select(m => m.Name))}")}.");
            return ExitCodes.Done;
        });
        return new Command("contract", "Work with contracts") { check };
    }

    static object ToJson(Contract contract) => new
    {
        pipeline = contract.Pipeline,
        version = contract.Version,
        tables = contract.Tables.Select(t => new
        {
            table = t.Name,
            schema = t.Schema,
            dataset = t.Dataset.Name,
            columns = t.Columns.Select(c => new { column = c.Name, type = c.SqlType, key = c.IsKey, from = c.Field?.Path }),
        }),
        marts = contract.Marts.Select(m => new { mart = m.Name, schema = m.Schema, m.Kind, m.Description, m.Key, checks = m.Checks.Select(c => c.Name), file = m.Select.File }),
    };
}
