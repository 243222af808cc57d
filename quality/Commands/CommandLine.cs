using System.CommandLine;
using System.CommandLine.Parsing;
using Etl;
using Npgsql;

namespace Quality.Commands;

/// <summary>The program's entrance: parses, runs one verb, turns failures into one clear line and an exit code.</summary>
public static class CommandLine
{
    /// <summary>All verbs and the options that every one of them knows.</summary>
    internal static RootCommand Create()
    {
        var root = new RootCommand("Proves that what is in your warehouse is what is in your MongoDB.")
        {
            DemoCommand.Create(),
            SyncCommand.Create(),
            ReconcileCommand.Create(),
            RunCommand.Create(),
            ScheduleCommand.Create(),
            LoadCommand.Create(),
            QuarantineCommand.Create(),
            ReportCommand.Create(),
            GenerateCommand.Create(),
            MongoCommand.Create(),
            ContractCommand.Create(),
            InitCommand.Create(),
        };
        foreach (var option in Options.Everywhere)
            root.Options.Add(option);
        return root;
    }

    /// <param name="interruption">Listened to since the process began.</param>
    internal static async Task<int> RunAsync(string[] args, Interruption interruption)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            if (parsed is { UnmatchedTokens: [var unknown, ..], CommandResult.Command: { Subcommands.Count: > 0 } group } && !unknown.StartsWith('-'))
                return await FailAsync(new UsageException($"'quality {PathTo(parsed.CommandResult)}{unknown}' is no command.{Etl.Contracts.Names.DidYouMean(unknown, [.. group.Subcommands.Select(c => c.Name)])} See: quality {PathTo(parsed.CommandResult)}--help"), Options.Json(parsed), interrupted: false);
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(Terminal.Plain(error.Message.ReplaceLineEndings(" ")));
            await Console.Error.WriteLineAsync($"See: quality {PathTo(parsed.CommandResult)}--help");
            return ExitCodes.Usage;
        }
        bool json = Options.Json(parsed);
        interruption.Json = json;
        try
        {
            interruption.Token.ThrowIfCancellationRequested();
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        catch (Exception e)
        {
            return await FailAsync(e, json, interruption.Token.IsCancellationRequested);
        }
    }

    static string PathTo(SymbolResult result) =>
        result is CommandResult { Command: not RootCommand } command ? $"{PathTo(command.Parent!)}{command.Command.Name} " : "";

    static string Reason(NpgsqlException failure) => failure is PostgresException server
        ? $"{server.MessageText} ({server.SqlState})."
        : $"{failure.Message} {failure.InnerException?.Message}".Trim().ReplaceLineEndings(" ");

    static async Task<int> FailAsync(Exception failure, bool json, bool interrupted)
    {
        switch (failure)
        {
            case UsageException:
                await Console.Error.WriteLineAsync(Terminal.Plain(failure.Message));
                return ExitCodes.Usage;
            case UnavailableException:
                await Console.Error.WriteLineAsync(Terminal.Plain(failure.Message));
                return ExitCodes.Unknown;
            case NpgsqlException lost:
                // Whatever was not committed is gone: a server that refuses or dies leaves nothing half-done.
                await Console.Error.WriteLineAsync($"The warehouse failed: {Terminal.Plain(Reason(lost))} What was committed stays; run the command again to go on.");
                return ExitCodes.Unknown;
            case OperationCanceledException when interrupted:
                var stopped = failure as InterruptedException ?? new InterruptedException("Interrupted. What was committed stays; run the command again to go on.", failure);
                if (json)
                    JsonOutput.Write(stopped.Document);
                await Console.Error.WriteLineAsync(Terminal.Plain(stopped.Message));
                return ExitCodes.Interrupted;
            default:
                await Console.Error.WriteLineAsync($"Internal error, please report it: {Terminal.Plain($"{failure}")}");
                return ExitCodes.Internal;
        }
    }
}
