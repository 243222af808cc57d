using Tests.Shared;

namespace Quality.Tests.Sandbox;

public sealed class A_tests_database
{
    [Fact]
    public async Task Is_empty_each_time_it_is_asked_for_even_while_someone_is_still_connected()
    {
        var database = await Postgres.DatabaseAsync("a_test's database");
        await Postgres.ExecuteAsync(database, "CREATE TABLE evidence (n int)");
        await using var lingering = new Npgsql.NpgsqlConnection(database);
        await lingering.OpenAsync();

        var again = await Postgres.DatabaseAsync("a_test's database");

        Assert.Equal(database, again);
        Assert.Equal(0L, await Postgres.ScalarAsync(again, "SELECT count(*) FROM pg_tables WHERE tablename = 'evidence'"));
    }
}
