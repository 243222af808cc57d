using System.Globalization;
using System.Text;
using Etl.Contracts;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>Writes what was inferred as a contract that people read: each property under the evidence for it, and what is doubtful marked 'unsure'.</summary>
internal sealed class ContractWriter
{
    const int MostWidth = 150;

    readonly StringBuilder text = new();

    /// <param name="name">Of the pipeline.</param>
    /// <param name="database">That the collections are in.</param>
    /// <param name="source">The server that was read, without secrets.</param>
    public static string Write(string name, string database, string source, IReadOnlyList<DescribedDataset> datasets)
    {
        var writer = new ContractWriter();
        writer.Head(name, database, source, datasets);
        foreach (var dataset in datasets)
            writer.Dataset(dataset);
        return writer.text.ToString();
    }

    void Head(string name, string database, string source, IReadOnlyList<DescribedDataset> datasets)
    {
        Comment(0, $"The {name} pipeline, as 'quality init' found it at {source}, database {FieldInference.Shown(database)}.");
        bool isExternal = datasets.Any(d => d.ExternalSchema is not null);
        Comment(0, isExternal ? "An Open Data Contract Standard v3.1 contract. It maps tables that somebody else fills to the source documents, for 'quality reconcile --external'."
            : "An Open Data Contract Standard v3.1 contract. It describes the source documents; the tables follow from it: 'quality contract check' shows them.");
        Comment(0, "Above each property stands what the documents showed. It is evidence, no promise: look at what is marked 'unsure', and at what is classified as pii.");
        Line(0, "apiVersion: v3.1.0");
        Line(0, "kind: DataContract");
        Line(0, $"id: {YamlText.Scalar("urn:quality:" + Uri.EscapeDataString(name))}");
        Line(0, $"name: {YamlText.Scalar(name)}");
        Line(0, "version: 0.1.0");
        Line(0, "status: draft");
        Line(0, "");
        Line(0, "servers:");
        Line(1, "- server: source");
        Line(2, "type: custom");
        Line(2, "description: Where --mongo or QUALITY_MONGO says.");
        Line(2, "customProperties:");
        Line(3, "- { property: kind, value: mongodb }");
        Line(3, $"- {{ property: database, value: {YamlText.Scalar(database)} }}");
        Line(0, "");
        Line(0, "customProperties:");
        if (isExternal)
            Line(1, "- { property: external, value: true, description: \"somebody else fills the tables; they are only judged\" }");
        Line(1, $"- {{ property: warehouseSchema, value: {YamlText.Scalar(SchemaOf(name))} }}");
        Line(0, "");
        Line(0, "schema:");
    }

    /// <summary>The name in snake_case, where PostgreSQL and Quality leave it to others.</summary>
    static string SchemaOf(string name)
    {
        string schema = Identifier.Fit(Identifier.SnakeCase(name));
        return schema is "" or "quality" or "information_schema" or "public" || schema.StartsWith("pg_", StringComparison.Ordinal) ? Identifier.Fit($"source_{schema}".TrimEnd('_')) : schema;
    }

    void Dataset(DescribedDataset dataset)
    {
        Comment(1, $"{FieldInference.Count(dataset.Documents)} documents were read, all of the collection; of {FieldInference.Count(dataset.Sampled)} of them the texts were looked at.");
        foreach (string note in dataset.Notes)
            Comment(1, note);
        foreach (string doubt in dataset.Doubts)
            Comment(1, $"unsure: {doubt}.");
        Line(1, $"- name: {YamlText.Scalar(dataset.Name)}");
        Line(2, $"physicalName: {YamlText.Scalar(dataset.Name)}");
        Line(2, "physicalType: collection");
        Line(2, "logicalType: object");
        Line(2, "customProperties:");
        if (dataset.ExternalSchema is { } schema)
            Line(3, $"- {{ property: schema, value: {YamlText.Scalar(schema)} }}");
        else
            Warning();
        if (dataset.AsEvents)
            Line(3, "- { property: load, value: events }");
        if (dataset.PartitionBy is { } partition)
            Line(3, $"- {{ property: partitionBy, value: {YamlText.Scalar(partition)} }} # what --from and --to go by");
        if (dataset.Table != Identifier.SnakeCase(dataset.Name))
            Line(3, $"- {{ property: table, value: {YamlText.Scalar(dataset.Table)} }}");
        Properties(2, dataset.Fields);
    }

    void Warning()
    {
        Comment(3, "A document that breaks a demand made below is loaded all the same, and counted. Once the demands are reviewed, remove this line: then it is quarantined.");
        Line(3, "- { property: onViolation, value: warn }");
    }

    void Properties(int depth, IReadOnlyList<DescribedField> fields)
    {
        Line(depth, "properties:");
        foreach (var field in fields)
            Property(depth + 1, field);
    }

    void Property(int depth, DescribedField field)
    {
        Comment(depth, string.Join("; ", field.Notes));
        foreach (string doubt in field.Doubts)
            Comment(depth, $"unsure: {doubt}.");
        Line(depth, $"- name: {YamlText.Scalar(field.Name)}");
        depth++;
        string? items = field.IsArray ? Types(field.Type!) : null;
        Line(depth, field.Kind switch
        {
            FieldKind.Object => "logicalType: object",
            FieldKind.Rows => "logicalType: array",
            _ when field.IsArray => "logicalType: array",
            _ => $"logicalType: {field.Type!.Logical}",
        });
        if (field is { Type.Physical: { Length: > 0 } physical, IsArray: false })
            Line(depth, $"physicalType: {physical}");
        if (field.KeyPosition > 0)
            Line(depth, "primaryKey: true");
        if (field.KeyPosition > 1 || field.KeyPosition == 1 && field.Seen.Around is { Around: not null, IsElement: false })
            Line(depth, $"primaryKeyPosition: {field.KeyPosition}");
        if (field.Required)
            Line(depth, "required: true");
        if (field.IsPersonal)
            Line(depth, "classification: pii");
        if (field.Format is { } format)
            Line(depth, $"logicalTypeOptions: {{ format: {format} }}");
        if (field.Choices.Count > 0)
        {
            Line(depth, "quality:");
            Line(depth + 1, $"- {{ metric: invalidValues, arguments: {{ validValues: [{string.Join(", ", field.Choices.Select(YamlText.Scalar))}] }}, mustBe: 0 }}");
        }
        var custom = Custom(field).ToArray();
        if (custom.Length > 0)
        {
            Line(depth, "customProperties:");
            foreach (var (property, value) in custom)
                Line(depth + 1, $"- {{ property: {property}, value: {value} }}");
        }
        if (items is not null)
            Line(depth, $"items: {{ {items} }}");
        else if (field.Kind == FieldKind.Object)
            Properties(depth, field.Children);
        else if (field.Kind == FieldKind.Rows)
        {
            Line(depth, "items:");
            Line(depth + 1, "logicalType: object");
            Properties(depth + 1, field.Children);
        }
    }

    static string Types(ValueType type) => $"logicalType: {type.Logical}{(type.Physical.Length > 0 ? $", physicalType: {type.Physical}" : "")}";

    static IEnumerable<(string Property, string Value)> Custom(DescribedField field)
    {
        if (field.Column is { } column)
            yield return ("column", YamlText.Scalar(column));
        if (field.Table is { } table)
            yield return ("table", YamlText.Scalar(table));
        if (field.Type?.Column is { } type)
            yield return ("columnType", type);
        if (field.Type?.Accepted is { } accepted)
            yield return ("acceptedTypes", $"[{string.Join(", ", accepted.Select(t => t.Alias()))}]");
        foreach (var more in field.More)
            yield return more;
    }

    void Line(int depth, string line) => text.Append(' ', line.Length == 0 ? 0 : 2 * depth).Append(CultureInfo.InvariantCulture, $"{line}\n");

    /// <summary>Breaks a long comment between words.</summary>
    void Comment(int depth, string comment)
    {
        var line = new StringBuilder();
        foreach (string word in comment.Split(' '))
        {
            if (line.Length > 0 && 2 * depth + line.Length + word.Length > MostWidth)
            {
                Line(depth, $"# {line}");
                line.Clear();
            }
            line.Append(line.Length > 0 ? " " : "").Append(word);
        }
        Line(depth, $"# {line}");
    }
}
