using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>A contract of two collections: one whose documents have a key and nothing else, one that stays empty.</summary>
static class SmallContract
{
    /// <returns>The folder that holds it.</returns>
    public static string Write()
    {
        string folder = Scratch.Folder("contract");
        File.WriteAllText(Path.Combine(folder, "contract.yaml"), """
            apiVersion: v3.1.0
            kind: DataContract
            id: urn:quality:small
            name: small
            version: 1.0.0
            status: active
            servers:
              - server: small
                type: custom
                customProperties:
                  - { property: kind, value: mongodb }
                  - { property: database, value: small }
            schema:
              - name: keys
                logicalType: object
                properties:
                  - name: _id
                    logicalType: integer
                    physicalType: int
                    primaryKey: true
                    required: true
                    customProperties: [{ property: column, value: id }]
              - name: blank
                logicalType: object
                properties:
                  - name: _id
                    logicalType: integer
                    physicalType: int
                    primaryKey: true
                    required: true
                    customProperties: [{ property: column, value: id }]
                  - name: text
                    logicalType: string
            """);
        return folder;
    }
}
