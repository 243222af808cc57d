using System.Security.Cryptography;
using System.Text;
using Etl.Marts;
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
    /// <exception cref="UsageException">Every error of the file, or of the marts beside it, one a line, with line and column.</exception>
    public static Contract Read(string path, RuleSets? ruleSets = null)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (!File.Exists(file))
            throw new UsageException($"No contract at '{file}'. A pipeline is the name of a shipped one, or a folder with {FileName}.");
        var errors = new ContractErrors(file);
        var contract = YamlFile.Load(file, errors) is { } root ? Read(new YamlView(root, errors, "a contract"), file) : null;
        errors.Throw();
        contract!.Marts = MartReader.Read(Path.GetDirectoryName(file)!, [.. contract.Tables]);
        ruleSets?.GiveTo(contract);
        return contract;
    }

    static Contract Read(YamlView root, string file)
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
        var custom = root.Custom("warehouseSchema", "maxRejected", "schedule", "external");
        double maxRejected = Percent(custom, "maxRejected") ?? DefaultMaxRejected;
        bool isExternal = custom.Flag("external");
        string schema = custom.Text("warehouseSchema") ?? Identifier.SnakeCase(name);
        if (!CanBeSchema(schema))
            root.Error($"Tables cannot be kept in schema '{schema}'. Name another as warehouseSchema.", "customProperties");

        var servers = ServerReader.Read(root);
        var datasets = new List<Dataset>();
        var relationships = new List<(Dataset, Field, YamlView)>();
        foreach (var entry in root.Maps("schema", "a schema entry"))
        {
            var dataset = ReadDataset(entry, schema, maxRejected, servers, relationships, isExternal);
            if (dataset.Name != FieldReader.Unnamed && datasets.Any(d => d.Name == dataset.Name))
                entry.Error($"Dataset '{dataset.Name}' stands twice.", "name");
            foreach (var table in dataset.AllTables)
                if (datasets.SelectMany(d => d.AllTables).Concat(dataset.AllTables.TakeWhile(t => t != table)).Any(t => t.Name == table.Name && t.Schema == table.Schema))
                    entry.Error($"Table '{table.Name}' is already filled by another dataset.");
            datasets.Add(dataset);
        }
        FreshnessReader.Read(root, datasets);
        RelationshipReader.Read(datasets, relationships);
        if (datasets.Count == 0)
            root.Error("A contract needs at least one entry under 'schema'.");
        return new Contract
        {
            Pipeline = name,
            Version = version,
            WarehouseSchema = schema,
            Servers = servers,
            Datasets = datasets,
            Schedule = custom.Text("schedule"),
            IsExternal = isExternal,
            Hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))),
            Folder = Path.GetDirectoryName(Path.GetFullPath(file))!,
        };
    }

    internal static bool CanBeSchema(string schema) => schema is not ("quality" or "information_schema" or "") && !schema.StartsWith("pg_", StringComparison.Ordinal)
        && !schema.Contains('\0') && Encoding.UTF8.GetByteCount(schema) <= Identifier.MaxBytes;

    static Dataset ReadDataset(YamlView entry, string warehouseSchema, double maxRejected, IReadOnlyList<Server> servers, List<(Dataset, Field, YamlView)> relationships, bool isExternal)
    {
        entry.Only("id", "name", "physicalType", "physicalName", "description", "businessName", "authoritativeDefinitions", "tags", "customProperties",
            "logicalType", "dataGranularityDescription", "properties", "relationships", "quality");
        string name = entry.Required("name");
        if (name.Length == 0)
            name = FieldReader.Unnamed;
        var custom = entry.Custom("table", "partitionBy", "maxRejected", "required", "onViolation", "deletes", "load", "server", "schema", "latest", "history", "insertedAt", "volume");
        var reader = new FieldReader(isExternal);
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
            entry.Error($"partitionBy '{partitionBy}' of '{name}' is not the path of a timestamp field.{Names.DidYouMean(partitionBy, [.. reader.Dates])}");
        string deletes = custom.Text("deletes") ?? "hard";
        if (deletes is not ("hard" or "soft"))
            custom.Error($"'deletes' is 'hard' (rows whose source is gone are removed) or 'soft' (they stay, with _deleted_at), not '{deletes}'.", "deletes");
        var server = ServerReader.Of(entry, custom, name, servers);
        string load = custom.Text("load") ?? "snapshot";
        if (load is not ("snapshot" or "events"))
            custom.Error($"'load' is 'snapshot' (the tables follow the source, also where something is gone) or 'events' (nothing is removed for being absent), not '{load}'.", "load");
        if (load == "snapshot" && deletes == "soft" && server.Kind != ServerKinds.MongoDb)
            custom.Error($"'deletes: soft' goes with MongoDB; what is gone from '{name}' is removed.", "deletes");
        if (load == "events" && deletes == "soft")
            custom.Error($"'deletes: soft' has no effect on '{name}': of events nothing is removed.", "deletes");
        if (load == "snapshot" && server.Kind == ServerKinds.RabbitMq)
            entry.Error($"Dataset '{name}' is read from a queue, which gives events: say load: events.");
        var dataset = new Dataset
        {
            Name = name,
            LoadsEvents = load == "events",
            IsExternal = isExternal,
            InsertedAt = custom.Text("insertedAt"),
            Server = server,
            SourceName = entry.Text("physicalName") ?? name,
            Description = root.Description,
            Root = root,
            MaxRejected = Percent(custom, "maxRejected") ?? maxRejected,
            PartitionBy = partitionBy,
            PartitionField = reader.DateFields.FirstOrDefault(f => f.Path.Replace("[]", "") == partitionBy),
            DeletesSoftly = deletes == "soft",
            Volume = Volume(custom),
        };
        relationships.AddRange(reader.Relationships.Select(r => (dataset, r.Field, r.At)));
        string schema = custom.Text("schema") ?? warehouseSchema;
        dataset.Tables = new TableDerivation(dataset, schema, entry).Derive();
        dataset.Derived = new DerivedReader(dataset, custom).Read();
        if (dataset.InsertedAt is { } inserted && dataset.Tables.Any(t => t.Kind == TableKind.Root && t.Columns.Any(c => c.Name == inserted)) || dataset.InsertedAt is "" || dataset.InsertedAt?[0] == '_')
            custom.Error($"'{dataset.InsertedAt}' cannot be the column of insertedAt: it is a column already, or Quality's own.", "insertedAt");
        foreach (var table in dataset.AllTables.Where(t => t.Schema != warehouseSchema && !CanBeSchema(t.Schema)).DistinctBy(t => t.Schema))
            custom.Error($"Tables cannot be kept in schema '{table.Schema}'. Name another.", "schema");
        dataset.Checks = CheckDerivation.Derive(dataset, quality, reader.ForWarehouse);
        return dataset;
    }

    static VolumeCheck Volume(YamlView custom)
    {
        string volume = custom.Text("volume") ?? "warn";
        if (volume is not ("warn" or "error" or "off"))
            custom.Error($"'volume' says what it means that far more or fewer rows are there than after earlier loads: 'warn', 'error' or 'off', not '{volume}'.", "volume");
        return volume switch { "error" => VolumeCheck.Error, "off" => VolumeCheck.Off, _ => VolumeCheck.Warn };
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
