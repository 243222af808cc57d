using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Sources.Mongo;

namespace Quality.Tests.Commands;

/// <summary>An emulator with a community in it.</summary>
static class CommunityServer
{
    /// <summary>20 days of 20 sign-ups: some batches of a few documents each, and done within seconds.</summary>
    public static async Task<MongoServer> StartAsync(int days = 20, int signUpsPerDay = 20)
    {
        var server = MongoServer.Start(new MongoServerOptions());
        await FillAsync(server, days, signUpsPerDay);
        return server;
    }

    public static async Task FillAsync(MongoServer server, int days = 20, int signUpsPerDay = 20)
    {
        using var connection = MongoConnection.Open(server.Uri);
        await CommunityGenerator.ForMongo(connection, new CommunityOptions { Days = days, SignUpsPerDay = signUpsPerDay }).GenerateDaysAsync();
    }
}
