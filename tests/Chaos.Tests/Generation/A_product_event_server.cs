using System.Net;
using System.Text.Json;
using Chaos.Generation;
using Etl.Contracts;
using Etl.Sources;
using Etl.Sources.Http;

namespace Chaos.Tests.Generation;

public sealed class A_product_event_server
{
    static readonly ProductEventGenerator Generator = new(new ProductEventOptions { Days = 70, EventsPerDay = 20, Seed = 3 });

    /// <summary>This API has one list, whatever it is called.</summary>
    static readonly Dataset AnyDataset = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community")).Datasets[0];

    static async Task<(HttpStatusCode Status, string Body)> AskAsync(ProductEventServer server, string query, string? token = "t")
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri + query);
        if (token is not null)
            request.Headers.Add(ProductEventServer.Header, token);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answers_as_the_api_does()
    {
        await using var server = await ProductEventServer.StartAsync(Generator, "t", misbehaves: false);
        var (status, body) = await AskAsync(server, "?date=2024-01-01");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.InRange(JsonDocument.Parse(body).RootElement.GetArrayLength(), 10, 40);
        Assert.Equal((HttpStatusCode.NotFound, """{"detail": "No event found for date"}"""), await AskAsync(server, "?date=2030-01-01"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(server, "?date=2024-01-01", "x")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(server, "?date=2024-01-01", null)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(server, "?date=01.01.2024")).Status);
    }

    /// <summary>Whatever it does to us, each event is read once; and it did all that it can do.</summary>
    [Fact]
    public async Task Is_read_whole_by_our_source_however_it_misbehaves()
    {
        await using var server = await ProductEventServer.StartAsync(Generator, "t");
        await using var source = new HttpSource(new HttpOptions
        {
            Url = server.Uri,
            From = Generator.Options.Start,
            To = Generator.Options.Last,
            Token = new HttpToken(ProductEventServer.Header, "t", "test"),
            UseProxy = false,
            FirstPause = 10,
        });
        int read = 0;
        await using (var scan = source.Scan(AnyDataset, ScanRange.Whole, null))
            for (var batch = new DocumentBatch(); await scan.ReadAsync(batch, TestContext.Current.CancellationToken); read += batch.Count)
                Assert.Equal(0, batch.RefusedCount);
        int expected = 0;
        for (var day = Generator.Options.Start; day <= Generator.Options.Last; day = day.AddDays(1))
            expected += Generator.HasEvents(day) ? (await Generator.WriteDayAsync(day, Stream.Null, CancellationToken.None)).Events : 0;
        Assert.Equal(expected, read);
        Assert.Equal([Misbehaviour.TooMany, Misbehaviour.Error, Misbehaviour.HtmlPage, Misbehaviour.Slow, Misbehaviour.Cut], server.Misbehaved.Keys.Order());
        Assert.Equal(server.Misbehaved.Where(m => m.Key != Misbehaviour.Slow).Sum(m => m.Value), source.Effort.Retries);
    }
}
