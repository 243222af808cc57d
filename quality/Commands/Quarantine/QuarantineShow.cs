using System.CommandLine;
using System.Text.Json;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Validation;
using Npgsql;

namespace Quality.Commands.Quarantine;

/// <summary><c>quality quarantine show PIPELINE ID…</c>: everything that is wrong with certain documents, and the documents themselves.</summary>
internal static class QuarantineShow
{
    public static Command Create()
    {
        var pipeline = Options.Pipeline();
        var id = new Argument<long[]>("ID") { Description = "Numbers from 'quarantine list'", Arity = ArgumentArity.OneOrMore };
        var reveal = new Option<bool>("--reveal") { Description = "Show personal values and fields that the contract does not describe; they are masked otherwise" };
        var command = new Command("show", "Show documents whole, with everything that is wrong with them marked in its place") { pipeline, id, reveal };
        command.SetAction(async (parsed, cancellation) =>
        {
            var contract = PipelineFolders.Open(parsed.GetRequiredValue(pipeline));
            var disclosure = new Disclosure(parsed.GetValue(reveal));
            await using var servers = await Servers.OpenAsync(null, Options.Warehouse(parsed), cancellation);
            await using var connection = await servers.Warehouse.OpenJournalAsync(TimeProvider.System, cancellation);
            long[] wanted = [.. parsed.GetRequiredValue(id).Distinct()];
            var documents = await ReadAsync(connection, contract, wanted, cancellation);
            if (Options.Json(parsed))
                JsonOutput.Write(new { pipeline = contract.Pipeline, revealed = disclosure.Reveal, entries = documents.Select(d => ShownEntry.Json(contract, d, disclosure)) });
            else
                foreach (var document in documents)
                    ShownEntry.Print(contract, document, disclosure);
            if (documents.Count < wanted.Length)
                throw new UsageException($"Pipeline '{contract.Pipeline}' has {documents.Count} of the {wanted.Length} entries asked for; not {string.Join(", ", wanted.Except(documents.Select(d => d.Entry.Id)))}. See: quality quarantine list {PipelineFolders.Argument(contract)} --state all");
            return ExitCodes.Done;
        });
        return command;
    }

    static async Task<List<QuarantinedDocument>> ReadAsync(NpgsqlConnection connection, Contract contract, long[] ids, CancellationToken cancellation)
    {
        var documents = new List<QuarantinedDocument>();
        await foreach (var row in connection.RowsAsync("""
            SELECT id, dataset, document_key, rule, path, reason, held_back, state, first_run, last_run, first_seen, last_seen, partition, position, media_type, document, violations::text
            FROM quality.quarantine WHERE pipeline = $1 AND id = ANY ($2) ORDER BY id
            """, cancellation, contract.Pipeline, ids))
            documents.Add(new QuarantinedDocument(
                new QuarantineEntry(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetBoolean(6), row.GetString(7), row.GetInt64(8), row.GetInt64(9),
                    row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11)),
                row.GetString(12), row.GetFieldValue<byte[]>(13), row.GetString(14), row.GetFieldValue<byte[]>(15), JsonSerializer.Deserialize<Violation[]>(row.GetString(16), JsonSerializerOptions.Web)!));
        return documents;
    }
}
