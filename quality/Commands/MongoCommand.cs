using System.CommandLine;
using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Authentication;
using Etl;

namespace Quality.Commands;

/// <summary><c>quality mongo</c>: serves the MongoDB emulator to any client.</summary>
internal static class MongoCommand
{
    const string PasswordVariable = "QUALITY_MONGO_PASSWORD";

    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; 0: any free one", HelpName = "N", DefaultValueFactory = _ => 27017 };
        var data = new Option<string?>("--data") { Description = "Folder that keeps the documents; without it they are kept in memory", HelpName = "DIR" };
        var user = new Option<string?>("--user") { Description = $"Clients must log in with this name (database admin, SCRAM-SHA-256) and the password in env {PasswordVariable}", HelpName = "NAME" };
        var command = new Command("mongo", "Serve the built-in MongoDB emulator until Ctrl-C; empty unless --data names a folder with documents") { port, data, user };
        command.SetAction(async (parsed, cancellation) =>
        {
            int wanted = parsed.GetValue(port);
            if (wanted is < 0 or > 65535)
                throw new UsageException($"--port must be from 0 to 65535, not {wanted}.");
            await using var server = MongoServer.Start(new MongoServerOptions
            {
                Port = wanted,
                DataFolder = parsed.GetValue(data),
                Users = Users(parsed.GetValue(user)),
                TimeProvider = TimeProvider.System,
                Log = Terminal.Say,
            });
            if (Options.Json(parsed))
                JsonOutput.Write(new { uri = server.Uri, port = server.Port, process = Environment.ProcessId });
            Terminal.Say($"Emulator of MongoDB at {server.Uri} (process {Environment.ProcessId}). Ctrl-C stops it.");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            catch (OperationCanceledException)
            {
                // Being stopped is how this command ends.
            }
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>A password on the command line would show in the list of processes.</summary>
    static IReadOnlyList<MongoUser> Users(string? name)
    {
        if (name == null)
            return [];
        return Environment.GetEnvironmentVariable(PasswordVariable) is { Length: > 0 } password
            ? [new MongoUser(name, password)]
            : throw new UsageException($"--user {name} needs a password: set the environment variable {PasswordVariable}.");
    }
}
