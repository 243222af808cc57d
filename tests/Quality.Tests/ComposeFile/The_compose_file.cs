namespace Quality.Tests.ComposeFile;

/// <summary>No Docker engine is needed: what would fail at `docker compose up` is looked for in the text.</summary>
public sealed class The_compose_file
{
    /// <summary>The command line's vocabulary, as far as services may use it: verb → options.</summary>
    static readonly Dictionary<string, string[]> Verbs = new()
    {
        ["sync"] = ["--dataset", "--from", "--to", "--follow"],
        ["reconcile"] = ["--level", "--repair", "--budget", "--from", "--to", "--external", "--delete-unexpected"],
        ["generate"] = ["--days", "--live"],
        ["report"] = ["--out"],
        ["serve"] = ["--urls"],
        ["schedule"] = [],
    };
    static readonly string[] Everywhere = ["--mongo", "--warehouse", "--seed", "--json"];

    static readonly IReadOnlyDictionary<string, ComposeService> Services = ComposeService.Read();

    [Fact]
    public void Has_both_servers_a_viewer_and_a_generator_and_a_pipeline_for_each_source() =>
        Assert.Equal(["cards-generator", "cards-pipeline", "generator", "mongo", "mongo-express", "pipeline", "postgres"], Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Checks_the_health_of_every_service() =>
        Assert.All(Services.Values, service => Assert.StartsWith("CMD", service.HealthTest.FirstOrDefault() ?? $"{service.Name} has none"));

    [Fact]
    public void Opens_its_ports_to_this_machine_only()
    {
        Assert.Equal(3, Services.Values.Sum(service => service.Ports.Count));
        Assert.All(Services.Values.SelectMany(service => service.Ports), port => Assert.StartsWith("127.0.0.1:", port));
    }

    [Fact]
    public void Starts_generator_and_pipeline_with_the_profile_of_their_source_only() =>
        Assert.All(Services.Values, service => Assert.Equal(service.Builds ? [SourceOf(service)] : [], service.Profiles));

    /// <summary>Those of the first are called just generator and pipeline.</summary>
    static string SourceOf(ComposeService service) => service.Name.LastIndexOf('-') is >= 0 and var mark ? service.Name[..mark] : "community";

    [Fact]
    public void Waits_only_for_services_that_it_has_until_they_are_healthy()
    {
        Assert.All(Services.Values.SelectMany(service => service.DependsOn), dependency =>
        {
            Assert.Contains(dependency.Key, Services.Keys);
            Assert.Equal("service_healthy", dependency.Value);
            // Compose refuses a service that needs one whose profile is off.
            Assert.Empty(Services[dependency.Key].Profiles);
        });
        Assert.Equal(["mongo", "postgres"], Services["pipeline"].DependsOn.Keys.Order());
        Assert.Equal(["postgres"], Services["cards-pipeline"].DependsOn.Keys);
        Assert.Empty(Services["cards-generator"].DependsOn);
    }

    [Fact]
    public void Runs_commands_that_the_command_line_has()
    {
        foreach (var source in Services.Values.Where(service => service.Builds).GroupBy(SourceOf))
            Assert.Equal(["generate", "reconcile", "sync"], source.SelectMany(service => service.QualityCommands).Select(words => words[0]).Order());
        Assert.All(Services.Values.SelectMany(service => service.QualityCommands.Select(words => (service, words))), command =>
        {
            var (service, words) = command;
            Assert.Equal(SourceOf(service), words[1]);
            Assert.All(words.Where(word => word.StartsWith('-')), option => Assert.Contains(option, Verbs[words[0]].Concat(Everywhere)));
        });
    }

    [Fact]
    public void Tells_the_product_where_the_servers_it_waits_for_are_by_the_names_of_its_services() =>
        Assert.All(Services.Values.Where(service => service.Builds), service =>
        {
            Assert.Equal(service.DependsOn.ContainsKey("mongo"), service.Environment.TryGetValue("QUALITY_MONGO", out var mongo) && ((string)mongo).Contains("@mongo:27017/"));
            Assert.Equal(service.DependsOn.ContainsKey("postgres"), service.Environment.TryGetValue("QUALITY_WAREHOUSE", out var warehouse) && ((string)warehouse).Contains("Host=postgres;"));
        });

    [Fact]
    public void Gives_writer_and_pipeline_of_event_files_the_same_inbox() =>
        Assert.Equal(Services["cards-generator"].Environment["QUALITY_CARDS_INBOX"], Services["cards-pipeline"].Environment["QUALITY_CARDS_INBOX"]);

    [Fact]
    public void Takes_every_password_from_the_environment_with_a_default() =>
        Assert.All(Services.Values.SelectMany(service => service.Environment).Where(pair => ((string)pair.Key).EndsWith("PASSWORD", StringComparison.Ordinal)),
            pair => Assert.Matches(@"^\$\{\w+:-\w+\}$", (string)pair.Value));

    [Fact]
    public void Runs_mongo_as_a_replica_set_with_a_user_and_a_key()
    {
        var mongo = Services["mongo"];
        Assert.Contains("--replSet", mongo.Command);
        Assert.Contains("--keyFile", mongo.Command);
        Assert.Contains("MONGO_INITDB_ROOT_USERNAME", mongo.Environment.Keys);
        Assert.Contains("NotYetInitialized", mongo.HealthTest[1]);
    }
}
