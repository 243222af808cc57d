namespace Etl.Contracts;

/// <summary>Reads the servers of type custom: the sources of a contract.</summary>
internal static class ServerReader
{
    public static IReadOnlyList<Server> Read(YamlView root)
    {
        var servers = new List<Server>();
        foreach (var entry in root.Maps("servers", "a server"))
            if (entry.Text("type") == "custom")
            {
                var server = ReadOne(entry);
                if (servers.Any(s => s.Name == server.Name))
                    entry.Error($"Server '{server.Name}' stands twice.", "server");
                servers.Add(server);
            }
        if (servers.Count == 0)
            root.Error($"A contract needs a server of type custom, with customProperty kind ({string.Join(", ", ServerKinds.Names)}).", "servers");
        return servers;
    }

    static Server ReadOne(YamlView entry)
    {
        string kind = entry.Custom(["kind", .. ServerKinds.AllSettings]).Text("kind") ?? ServerKinds.MongoDb;
        if (!ServerKinds.Names.Contains(kind))
        {
            entry.Error($"A source of kind '{kind}' is not known.{Names.DidYouMean(kind, ServerKinds.Names)}");
            return new Server(entry.Text("server") ?? "", kind, new Dictionary<string, string>());
        }
        var settings = entry.Custom(["kind", .. ServerKinds.SettingsOf(kind)]);
        return new Server(entry.Required("server"), kind, settings.Pairs().Where(p => p.Key != "kind").ToDictionary(p => p.Key, p => p.Value));
    }

    /// <summary>The server that a dataset is read from: the one that it names, or the only one.</summary>
    public static Server Of(YamlView entry, YamlView custom, string dataset, IReadOnlyList<Server> servers)
    {
        if (custom.Text("server") is not { } name)
        {
            if (servers.Count > 1)
                entry.Error($"Dataset '{dataset}' must name its server: customProperty 'server' with one of {string.Join(", ", servers)}.");
            return servers.Count > 0 ? servers[0] : new Server("", ServerKinds.MongoDb, new Dictionary<string, string>()); // their absence is reported
        }
        if (servers.FirstOrDefault(s => s.Name == name) is { } found)
            return found;
        custom.Error($"Server '{name}' of dataset '{dataset}' is not described.{Names.DidYouMean(name, [.. servers.Select(s => s.Name)])}", "server");
        return new Server(name, servers.Count > 0 ? servers[0].Kind : ServerKinds.MongoDb, new Dictionary<string, string>());
    }
}
