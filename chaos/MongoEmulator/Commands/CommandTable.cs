namespace Chaos.MongoEmulator.Commands;

/// <summary>All commands by name.</summary>
sealed class CommandTable
{
    readonly Dictionary<string, Command> byName = new(StringComparer.Ordinal);

    public CommandTable(ServerState state)
    {
        Command[] all =
        [
            new HelloCommand(state), new PingCommand(), new BuildInfoCommand(), new SaslStartCommand(state), new SaslContinueCommand(), new LogoutCommand(), new ConnectionStatusCommand(), new GetParameterCommand(), new StartSessionCommand(state), new RefreshSessionsCommand(state), new EndSessionsCommand(state), new ConfigureFailPointCommand(state),
            new InsertCommand(state), new UpdateCommand(state), new DeleteCommand(state), new FindAndModifyCommand(state),
            new FindCommand(state), new GetMoreCommand(state), new KillCursorsCommand(state), new CountCommand(state), new DistinctCommand(state), new AggregateCommand(state),
            new CreateCommand(state), new DropCommand(state), new DropDatabaseCommand(state), new ListCollectionsCommand(state), new ListDatabasesCommand(state),
            new CreateIndexesCommand(state), new DropIndexesCommand(state), new ListIndexesCommand(state),
        ];
        foreach (var command in all)
            foreach (string name in command.Names)
                byName.Add(name, command);
    }

    public Command? Find(string name) => byName.GetValueOrDefault(name);
}
