using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Csv;

/// <summary>Reads a file's records in their order; those whose lines are not asked for are passed over.</summary>
/// <param name="wanted">Whether a line is asked for.</param>
internal sealed class CsvScan(string path, Dataset dataset, CsvOptions options, CsvEncoding encoding, Func<long, bool> wanted) : IDocumentScan
{
    public const string MediaType = "text/csv";

    /// <summary>How often a reading looks whether it is still wanted.</summary>
    const int Stride = 1_024;

    CsvFile? file;
    CsvDocument document = null!;
    bool waiting, ended; // a record found no room in the last batch
    string? problem;

    /// <remarks>On the thread pool: files are read synchronously, which is faster.</remarks>
    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => Fill(batch, cancellation), cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The CSV file '{path}' cannot be read any further behind line {file?.Reader.Line ?? 0:N0}: {e.Message}", e);
        }
    }

    bool Fill(DocumentBatch batch, CancellationToken cancellation)
    {
        batch.Clear();
        if (file is null)
        {
            file = CsvFile.Open(path, dataset, options, encoding);
            document = new CsvDocument(file.Header, encoding, options.Empty);
        }
        var record = file.Reader;
        for (long records = 0; !ended; records++)
        {
            if (records % Stride == 0)
                cancellation.ThrowIfCancellationRequested();
            if (!waiting)
            {
                if (!record.Read())
                {
                    file.CheckUnchanged();
                    ended = true;
                    break;
                }
                if (!wanted(record.Line))
                    continue;
                problem = document.Write(record);
            }
            waiting = !batch.HasRoomFor(problem is null ? document.Written.Length : record.Bytes.Length);
            if (waiting)
                break;
            if (problem is null)
                batch.Add(document.Written);
            else
                batch.AddRefused(record.Bytes, MediaType, CsvDocument.PositionOf(record.Line), problem);
        }
        if (batch.Count > 0)
            batch.Position = batch.RefusedAt(batch.Count - 1)?.Position ?? Bson.Only(batch[batch.Count - 1], "_id"u8);
        return batch.Count > 0;
    }

    public ValueTask DisposeAsync()
    {
        file?.Dispose();
        return ValueTask.CompletedTask;
    }
}
