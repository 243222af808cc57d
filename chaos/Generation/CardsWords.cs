using Bogus;
using Bogus.DataSets;

namespace Chaos.Generation;

/// <summary>Names, addresses and jobs, drawn once from Bogus.</summary>
sealed class CardsWords
{
    const int Pool = 500;
    static readonly string[] Locales = ["en", "de", "fr", "ja", "pl"];

    readonly string[] names, addresses, jobs;

    public CardsWords(int seed)
    {
        var chance = new Randomizer(seed);
        var sources = Locales.Select(locale => (Name: new Name(locale) { Random = chance }, Address: new Address(locale) { Random = chance })).ToArray();
        names = [.. Enumerable.Range(0, Pool).Select(i => sources[i % sources.Length].Name.FullName())];
        addresses = [.. Enumerable.Range(0, Pool).Select(i => sources[i % sources.Length].Address).Select(a => $"{a.StreetAddress()}\n{a.City()}, {a.ZipCode()}")];
        jobs = [.. Enumerable.Range(0, Pool).Select(_ => sources[0].Name.JobTitle())];
    }

    public string Name(Random random) => random.Pick(names);

    public string Address(Random random) => random.Pick(addresses);

    public string Job(Random random) => random.Pick(jobs);
}
