using Etl.Contracts;
using Etl.Validation;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// Finds the documents of a batch that PostgreSQL cannot take a row of: a row must fit a page of 8 KiB once its long values are compressed and
/// moved out. How far that goes only the server knows, so it is asked: rows are copied into an empty table of the same form, by halves where it
/// refuses, until single rows are left. Used where a batch was refused, which few ever are.
/// </summary>
internal sealed class RowTrial(LoadSession session)
{
    readonly CopyBlock block = new();

    /// <summary>By number of the document; none: it was something else that the server refused.</summary>
    public async Task<IReadOnlyDictionary<int, Violation>> FindTooLongAsync(CancellationToken cancellation)
    {
        var found = new Dictionary<int, Violation>();
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellation);
        for (int i = 0; i < session.Merges.Length; i++)
            if (session.Encoder.Rows(i).Count > 0)
                await TryAsync(session.Merges[i], session.Encoder.Rows(i), found, cancellation);
        await transaction.RollbackAsync(cancellation);
        return found;
    }

    async Task TryAsync(MergeSql merge, EncodedRows rows, Dictionary<int, Violation> found, CancellationToken cancellation)
    {
        await session.Connection.RunAsync(merge.CreateTrial, cancellation);
        var left = new Stack<(int From, int To)>([(0, rows.Count)]);
        while (left.TryPop(out var part))
        {
            if (await RefusesAsync(merge, rows, part.From, part.To, cancellation) is not { } refused)
                continue;
            if (part.To - part.From > 1)
            {
                int middle = (part.From + part.To) / 2;
                left.Push((middle, part.To));
                left.Push((part.From, middle));
            }
            else if (refused.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
                found.TryAdd(rows.DocumentOf(part.From), TooLong(rows.Table, refused));
        }
    }

    /// <summary>Whatever it refuses, also rows that share a key: one of them alone is what counts.</summary>
    async Task<PostgresException?> RefusesAsync(MergeSql merge, EncodedRows rows, int from, int to, CancellationToken cancellation)
    {
        await session.Connection.RunAsync("SAVEPOINT trial", cancellation);
        PostgresException? refused = null;
        try
        {
            int next = from;
            await block.SendAsync(session.Connection, merge.CopyIntoTrial, () =>
            {
                for (; next < to; next++)
                {
                    if (block.IsFull)
                        return true;
                    block.Buffer.Int16((short)rows.Table.Columns.Count);
                    block.Buffer.Write(rows.Fields(next));
                }
                return false;
            }, cancellation);
        }
        catch (PostgresException e)
        {
            refused = e;
        }
        await session.Connection.RunAsync("ROLLBACK TO SAVEPOINT trial; RELEASE SAVEPOINT trial", cancellation);
        return refused;
    }

    static Violation TooLong(Table table, PostgresException refused) =>
        new(RuleNames.RowTooLong, table.Source.Path, "", $"Its row of {table.QualifiedName} is longer than PostgreSQL takes: {refused.MessageText}. Gather columns in one of jsonb, or leave some out (column: none).");
}
