using Etl.Contracts;
using Etl.Validation;

namespace Benchmarks;

/// <summary>A contract of one dataset <c>things</c> with a key and one more property.</summary>
static class SmallContract
{
    public static Contract Of(string property, RuleSets? ruleSets = null)
    {
        string folder = Directory.CreateTempSubdirectory("quality-benchmark-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, ContractReader.FileName), $$"""
                apiVersion: v3.1.0
                kind: DataContract
                id: urn:benchmark
                name: benchmark
                version: 1.0.0
                status: active
                servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }] }]
                schema:
                  - name: things
                    properties:
                      - { name: _id, logicalType: integer, physicalType: int, primaryKey: true, customProperties: [{ property: column, value: id }] }
                      {{property}}
                """);
            return ContractReader.Read(folder, ruleSets);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
