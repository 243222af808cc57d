using System.Security.Cryptography;
using System.Text;
using Etl.Validation;

namespace Etl.Contracts;

/// <summary>Reads a pipeline's contract.yaml: Open Data Contract Standard v3.1 with our customProperties.</summary>
public static class ContractReader
{
    public const string FileName = "contract.yaml";
    const double DefaultMaxRejected = 10;
    static readonly string[] Versions = ["v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0"];

    /// <param name="path">A contract.yaml, or the folder that holds one.</param>
    /// <param name="ruleSets">Rules written in code that join in.</param>
    /// <exception cref="UsageException">Every error of the file, one a line, with line and column.</exception>
    public static Contract Read(string path, RuleSets? ruleSets = null)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (!File.Exists(file))
            throw new UsageException($"No contract at '{file}'. A pipeline is the name of a shipped one, or a folder with {FileName}.");
        var errors = new ContractErrors(file);
        var contract = YamlFile.Load(file, errors) is { } root ? Read(new YamlView(root, errors, "a contract"), file, path) : null;
        errors.Throw();
        ruleSets?.GiveTo(contract!);
        return contract!;
    }

    static Contract Read(YamlView root, string file, string openedAs)
    {
        root.Only("version", "kind", "apiVersion", "id", "name", "tenant", "tags", "status", "servers", "dataProduct", "description", "domain", "schema",
            "support", "price", "team", "roles", "slaDefaultElement", "slaProperties", "authoritativeDefinitions", "customProperties", "contractCreatedTs");
        if (root.Required("kind") is var kind and not ("" or "DataContract"))
            root.Error($"'kind' must be DataContract, not '{kind}'.", "kind");
        if (root.Required("apiVersion") is { Length: > 0 } api && !Versions.Contains(api))
            root.Error($"apiVersion '{api}' is not supported. Supported: {string.Join(", ", Versions)}.", "apiVersion");
        root.Required("id");
        root.Required("status");
        string version = root.Required("version");
        string name = root.Text("name") ?? root.Required("id");
        var custom = root.Custom("warehouseSchema", "maxRejected");
        double maxRejected = Percent(custom, "maxRejected") ?? DefaultMaxRejected;
        string schema = custom.Text("warehouseSchema") ?? Identifier.SnakeCase(name);
        if (schema is "quality" or "information_schema" or "" || schema.StartsWith("pg_", StringComparison.Ordinal)
            || schema.Contains('\0') || Encoding.UTF8.GetByteCount(schema) > Identifier.MaxBytes)
            root.Error($"Tables cannot be kept in schema '{schema}'. Name another as warehouseSchema.", "customProperties");

        var (sourceKind, database) = ReadServer(root);
        var datasets = new List<Dataset>();
        foreach (var entry in root.Maps("schema", "a schema entry"))
        {
            var dataset = ReadDataset(entry, schema, maxRejected);
            if (dataset.Name != FieldReader.Unnamed && datasets.Any(d => d.Name == dataset.Name))
                entry.Error($"Dataset '{dataset.Name}' stands twice.", "name");
            foreach (var table in dataset.Tables)
                if (datasets.SelectMany(d => d.Tables).Any(t => t.Name == table.Name))
                    entry.Error($"Table '{table.Name}' is already filled by another dataset.");
            datasets.Add(dataset);
        }
        FreshnessReader.Read(root, datasets);
        if (datasets.Count == 0)
            root.Error("A contract needs at least one entry under 'schema'.");
        return new Contract
        {
            Pipeline = name,
            Version = version,
            OpenedAs = openedAs,
            WarehouseSchema = schema,
            SourceKind = sourceKind,
            Database = database,
            Datasets = datasets,
            Hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))),
            Folder = Path.GetDirectoryName(Path.GetFullPath(file))!,
        };
    }

    static (string Kind, string? Database) ReadServer(YamlView root)
    {
        foreach (var server in root.Maps("servers", "a server"))
            if (server.Text("type") == "custom")
            {
                var custom = server.Custom("kind", "database");
                string kind = custom.Text("kind") ?? "mongodb";
                if (kind != "mongodb")
                    server.Error($"A source of kind '{kind}' is not supported. Supported: mongodb.");
                return (kind, custom.Text("database"));
            }
        root.Error("A contract needs a server of type custom, with customProperties kind (mongodb) and database.", "servers");
        return ("", null);
    }

    static Dataset ReadDataset(YamlView entry, string warehouseSchema, double maxRejected)
    {
        entry.Only("id", "name", "physicalType", "physicalName", "description", "businessName", "authoritativeDefinitions", "tags", "customProperties",
            "logicalType", "dataGranularityDescription", "properties", "relationships", "quality");
        string name = entry.Required("name");
        if (name.Length == 0)
            name = FieldReader.Unnamed;
        var custom = entry.Custom("table", "partitionBy", "maxRejected", "required", "onViolation", "deletes");
        var reader = new FieldReader();
        var children = reader.ReadAll(entry, custom.Texts("required") ?? [], FieldReader.WarnsBy(custom) ?? false);
        var quality = QualityReader.Read(entry, name, ofDataset: true);
        var root = new Field
        {
            Name = name,
            Path = "",
            Kind = FieldKind.Object,
            Description = entry.Text("description") ?? "",
            TableName = FieldReader.TableOf(custom) ?? Identifier.SnakeCase(name),
            Children = children,
        };
        string? partitionBy = custom.Text("partitionBy");
        if (partitionBy is not null && !reader.Dates.Contains(partitionBy))
            entry.Error($"partitionBy '{partitionBy}' of '{name}' is not the path of a timestamp field.{Names.DidYouMean(partitionBy, reader.Dates)}");
        string deletes = custom.Text("deletes") ?? "hard";
        if (deletes is not ("hard" or "soft"))
            custom.Error($"'deletes' is 'hard' (rows whose source is gone are removed) or 'soft' (they stay, with _deleted_at), not '{deletes}'.", "deletes");
        var dataset = new Dataset
        {
            Name = name,
            SourceName = entry.Text("physicalName") ?? name,
            Description = root.Description,
            Root = root,
            MaxRejected = Percent(custom, "maxRejected") ?? maxRejected,
            PartitionBy = partitionBy,
            DeletesSoftly = deletes == "soft",
        };
        dataset.Tables = new TableDerivation(dataset, warehouseSchema, entry).Derive();
        dataset.Checks = CheckDerivation.Derive(dataset, quality, reader.ForWarehouse);
        return dataset;
    }

    static double? Percent(YamlView custom, string key)
    {
        if (custom.Number(key) is not { } value)
            return null;
        if (value is < 0 or > 100)
            custom.Error($"'{key}' is a share in per cent, from 0 to 100, not {value}.", key);
        return (double)value;
    }
}
