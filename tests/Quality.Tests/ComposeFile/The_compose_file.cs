namespace Quality.Tests.ComposeFile;

/// <summary>No Docker engine is needed: what would fail at `docker compose up` is looked for in the text.</summary>
public sealed class The_compose_file
{
    /// <summary>The command line's vocabulary, as far as services may use it: verb → options.</summary>
    static readonly Dictionary<string, string[]> Verbs = new()
    {
        ["sync"] = ["--dataset", "--from", "--to", "--follow"],
        ["reconcile"] = ["--level", "--repair", "--budget", "--from", "--to", "--external", "--delete-unexpected"],
        ["generate"] = ["--days", "--live", "--any-address"],
        ["report"] = ["--out"],
        ["serve"] = ["--urls"],
        ["schedule"] = ["--pipeline", "--cron", "--metrics-port", "--out"],
    };
    static readonly string[] Everywhere = ["--mongo", "--warehouse", "--seed", "--json"];

    /// <summary>The services of each profile, which is called as its pipeline: first those that we build.</summary>
    static readonly Dictionary<string, string[]> Profiles = new()
    {
        ["community"] = ["generator", "pipeline"],
        ["product-events"] = ["product-events-api", "product-events-pipeline"],
        ["cards"] = ["cards-generator", "cards-pipeline"],
        ["crm"] = ["crm-generator", "crm-pipeline", "rabbitmq"],
        [Schedule] = [Schedule],
    };

    /// <summary>The profile that is no pipeline's.</summary>
    const string Schedule = "schedule";

    static readonly IReadOnlyDictionary<string, ComposeService> Services = ComposeService.Read();

    [Fact]
    public void Has_both_servers_a_viewer_and_for_each_pipeline_its_generator_and_what_it_needs() =>
        Assert.Equal(Profiles.Values.SelectMany(names => names).Concat(["mongo", "mongo-express", "postgres"]).Order(StringComparer.Ordinal), Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Checks_the_health_of_every_service() =>
        Assert.All(Services.Values, service => Assert.StartsWith("CMD", service.HealthTest.FirstOrDefault() ?? $"{service.Name} has none"));

    [Fact]
    public void Opens_its_ports_to_this_machine_only()
    {
        Assert.Equal(4, Services.Values.Sum(service => service.Ports.Count));
        Assert.All(Services.Values.SelectMany(service => service.Ports), port => Assert.StartsWith("127.0.0.1:", port));
    }

    [Fact]
    public void Starts_what_a_pipeline_needs_with_its_profile_only() =>
        Assert.All(Services.Values, service => Assert.Equal(Profiles.Where(p => p.Value.Contains(service.Name)).Select(p => p.Key), service.Profiles));

    [Fact]
    public void Waits_only_for_services_that_it_has_until_they_are_healthy()
    {
        Assert.All(Services.Values.SelectMany(service => service.DependsOn), dependency =>
        {
            Assert.Contains(dependency.Key, Services.Keys);
            Assert.Equal("service_healthy", dependency.Value);
        });
        // Compose refuses a service that needs one whose profile is off.
        Assert.All(Services.Values, service => Assert.All(service.DependsOn.Keys, name => Assert.True(Services[name].Profiles is [] || Services[name].Profiles.SequenceEqual(service.Profiles), $"{service.Name} needs {name}")));
        Assert.Equal(["mongo", "postgres"], Services["pipeline"].DependsOn.Keys.Order());
        Assert.Equal(["postgres", "rabbitmq"], Services["crm-pipeline"].DependsOn.Keys.Order());
    }

    [Fact]
    public void Runs_commands_that_the_command_line_has()
    {
        foreach (var (pipeline, names) in Profiles.Where(p => p.Key != Schedule))
        {
            var commands = names.SelectMany(name => Services[name].QualityCommands).ToList();
            Assert.Equal(["generate", "reconcile", "sync"], commands.Select(words => words[0]).Order());
            Assert.All(commands, words =>
            {
                Assert.Equal(pipeline, words[1]);
                Assert.All(words.Where(word => word.StartsWith('-')), option => Assert.Contains(option, Verbs[words[0]].Concat(Everywhere)));
            });
        }
    }

    [Fact]
    public void Runs_a_schedule_with_options_that_it_has()
    {
        string[] words = Assert.Single(Services[Schedule].QualityCommands);
        Assert.Equal(["schedule", "--pipeline", "community"], words.Take(3));
        Assert.All(words.Where(word => word.StartsWith('-')), option => Assert.Contains(option, Verbs["schedule"]));
        Assert.All((string[])["QUALITY_ALERT_WEBHOOK", "QUALITY_ALERT_SMTP", "QUALITY_ALERT_FROM", "QUALITY_ALERT_TO"], name => Assert.Equal($"${{{name}:-}}", Services[Schedule].Environment[name]));
        Assert.Contains($":{9464:X4} ", Services[Schedule].HealthTest[1]);
    }

    [Fact]
    public void Tells_the_product_where_the_servers_it_waits_for_are_by_the_names_of_its_services()
    {
        (string Service, string Variable, string Address)[] servers =
        [
            ("mongo", "QUALITY_MONGO", "@mongo:27017/"), ("postgres", "QUALITY_WAREHOUSE", "Host=postgres;"), ("rabbitmq", "QUALITY_CRM_QUEUE", "@rabbitmq:5672/"),
            ("product-events-api", "QUALITY_PRODUCT_EVENTS_URL", "//product-events-api:8080/"),
        ];
        Assert.All(Services.Values.Where(service => service.Builds), service => Assert.All(servers, server =>
            Assert.Equal(service.DependsOn.ContainsKey(server.Service), service.Environment.TryGetValue(server.Variable, out var value) && ((string)value).Contains(server.Address))));
    }

    [Theory]
    [InlineData("cards-generator", "cards-pipeline", "QUALITY_CARDS_INBOX")]
    [InlineData("crm-generator", "crm-pipeline", "QUALITY_CRM_ORGANIZATIONS")]
    [InlineData("product-events-api", "product-events-pipeline", "QUALITY_PRODUCT_EVENTS_TOKEN")]
    public void Tells_generator_and_pipeline_the_same(string generator, string pipeline, string variable) =>
        Assert.Equal(Services[generator].Environment[variable], Services[pipeline].Environment[variable]);

    [Fact]
    public void Takes_every_password_from_the_environment_with_a_default() =>
        Assert.All(Services.Values.SelectMany(service => service.Environment).Where(pair => ((string)pair.Key).EndsWith("PASSWORD", StringComparison.Ordinal) || ((string)pair.Key).EndsWith("_PASS", StringComparison.Ordinal)),
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
