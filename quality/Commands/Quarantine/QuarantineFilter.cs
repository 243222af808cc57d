using System.CommandLine;
using Etl.Contracts;

namespace Quality.Commands.Quarantine;

/// <summary>Which entries of a pipeline's quarantine are meant.</summary>
/// <param name="States">Of open, resolved, replayed, discarded.</param>
/// <param name="Datasets">Null: all.</param>
/// <param name="Rules">The first rule that a document broke; null: any.</param>
/// <param name="Run">A run that refused it; null: any.</param>
internal sealed record QuarantineFilter(string Pipeline, string[] States, string[]? Datasets, string[]? Rules, long? Run)
{
    public const string Open = "open", Every = "all";
    public static readonly string[] AllStates = [Open, "resolved", "replayed", "discarded"];

    /// <summary>Over quality.quarantine q, with <see cref="Parameters"/>.</summary>
    public const string Where = """
        q.pipeline = $1 AND q.state = ANY ($2) AND ($3::text[] IS NULL OR q.dataset = ANY ($3)) AND ($4::text[] IS NULL OR q.rule = ANY ($4))
          AND ($5::bigint IS NULL OR $5 BETWEEN q.first_run AND q.last_run)
        """;

    /// <summary>The third element of an array and the thirtieth are one place in the contract.</summary>
    public const string Place = """regexp_replace(q.path, '\[\d+\]', '[]', 'g')""";

    public object?[] Parameters => [Pipeline, States, Typed(Datasets), Typed(Rules), new Npgsql.NpgsqlParameter { Value = (object?)Run ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint }];

    static Npgsql.NpgsqlParameter Typed(string[]? texts) => new() { Value = (object?)texts ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text };

    public static (Option<string[]> Dataset, Option<string[]> Rule, Option<long?> Run, Option<string> State) Options()
    {
        var state = new Option<string>("--state") { Description = "Where the entry stands", HelpName = string.Join('|', AllStates.Append(Every)), DefaultValueFactory = _ => Open };
        state.AcceptOnlyFromAmong([.. AllStates, Every]);
        return (Commands.Options.Dataset(), new("--rule") { Description = "Only documents refused by this rule; may be repeated", HelpName = "R" },
            new("--run") { Description = "Only documents that this run refused", HelpName = "N" }, state);
    }

    /// <param name="datasets">Names of the contract; others are refused, with near ones suggested.</param>
    public static QuarantineFilter Of(Contract contract, string[]? datasets, string[]? rules, long? run, string state) => new(contract.Pipeline,
        state == Every ? AllStates : [state], PipelineFolders.Select(contract, datasets) is { } chosen ? [.. chosen.Select(d => d.Name)] : null, rules is { Length: > 0 } ? rules : null, run);
}
