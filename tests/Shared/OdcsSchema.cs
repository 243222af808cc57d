using System.Diagnostics;

namespace Tests.Shared;

/// <summary>The Open Data Contract Standard's own JSON schema, asked by a program that others wrote.</summary>
static class OdcsSchema
{
    const string Script = """
        import sys, json, yaml, jsonschema
        schema = json.load(open(sys.argv[1]))
        validator = jsonschema.validators.validator_for(schema)(schema)
        class Plain(yaml.SafeLoader): pass
        Plain.yaml_implicit_resolvers = {k: [r for r in v if r[0] != 'tag:yaml.org,2002:timestamp'] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
        errors = [f'{path}: {list(e.path)}: {e.message}' for path in sys.argv[2:] for e in validator.iter_errors(yaml.load(open(path), Plain))]
        print('\n'.join(errors))
        sys.exit(1 if errors else 0)
        """;

    public static (int ExitCode, string Said) Judge(IEnumerable<string> contracts)
    {
        string python = Requires.PythonModule("jsonschema, yaml", "apt-get install python3-jsonschema python3-yaml");
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", Script, Path.Combine(AppContext.BaseDirectory, "Contracts", "odcs-json-schema-v3.1.0.json"), .. contracts])
        {
            RedirectStandardOutput = true,
        })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    public static void AreValid(IReadOnlyCollection<string> contracts)
    {
        Assert.NotEmpty(contracts);
        var (exitCode, said) = Judge(contracts);
        Assert.True(exitCode == 0, said);
    }
}
