using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Quality.Tests.ComposeFile;

/// <summary>A service of docker-compose.yml, as written.</summary>
sealed class ComposeService(string name, Dictionary<object, object> node)
{
    internal string Name => name;

    internal bool Builds => node.ContainsKey("build");

    internal IReadOnlyList<string> Profiles => Texts(node.GetValueOrDefault("profiles"));

    internal IReadOnlyList<string> Ports => Texts(node.GetValueOrDefault("ports"));

    internal IReadOnlyList<string> Command => Texts(node.GetValueOrDefault("command"));

    internal Dictionary<object, object> Environment => Map(node.GetValueOrDefault("environment"));

    internal IReadOnlyList<string> HealthTest => Texts(Map(node.GetValueOrDefault("healthcheck")).GetValueOrDefault("test"));

    /// <summary>Service → condition.</summary>
    internal IReadOnlyDictionary<string, string> DependsOn => Map(node.GetValueOrDefault("depends_on"))
        .ToDictionary(pair => (string)pair.Key, pair => (string)Map(pair.Value)["condition"]);

    /// <summary>The words after `quality` in each command line of the service, whether run by a shell or by the image's entrypoint.</summary>
    internal IEnumerable<string[]> QualityCommands => node.ContainsKey("entrypoint") || !Builds
        ? Command.SelectMany(line => Regex.Matches(line, @"\bquality ([^&|;\n]+)").Select(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        : [[.. Command]];

    internal static IReadOnlyDictionary<string, ComposeService> Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "docker-compose.yml")))
            folder = folder.Parent;
        var parser = new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(File.OpenText(Path.Combine(folder.FullName, "docker-compose.yml"))));
        var file = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(parser);
        return Map(file["services"]).ToDictionary(pair => (string)pair.Key, pair => new ComposeService((string)pair.Key, Map(pair.Value)));
    }

    static Dictionary<object, object> Map(object? value) => value as Dictionary<object, object> ?? [];

    static IReadOnlyList<string> Texts(object? value) => value is List<object> list ? [.. list.Cast<string>()] : value is string text ? [text] : [];
}
