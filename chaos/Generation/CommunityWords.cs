using Bogus;
using Bogus.DataSets;

namespace Chaos.Generation;

/// <summary>Names and texts, drawn once from Bogus: a Faker for each user would be hundreds of times slower.</summary>
sealed class CommunityWords
{
    const int NamesInAPool = 200, SentencesInALocale = 150, LongTexts = 40;
    const int EmptyOneIn = 400, NullOneIn = 1_000, LongOneIn = 50, PhraseOneIn = 3, PairOneIn = 4;

    static readonly string[] Phrases =
    [
        "Good morning everyone ☀️", "Done my 10,000 steps today 💪🏽", "I don't think I can make it tonight, sorry…",
        "Thanks!", "Same here 😂😂", "\"Small steps\" – that's what she said", "Lost 1.5 kg since Monday 🎉",
        "Früh aufgestanden, kalt geduscht. Läuft! 🏃‍♀️", "Доброе утро, как дела?", "Ça va très bien, merci à tous ❤️",
        "Recipe: oats\n- milk\n- berries\nEnjoy!", "C:\\photos\\lunch.jpg", "おはようございます 🌸", "👩‍👩‍👧‍👦", "50 % off; or 'two for one'?",
        "tab\tseparated\tnotes", "Müde heute, 6 h Schlaf", "Anyone up for a walk on Saturday?", "<b>not</b> & never html", "ok",
    ];

    readonly (int Weight, CommunityCountry Country)[] countries;
    readonly Dictionary<string, (string[] Male, string[] Female, string[] Last)> names = [];
    readonly string[] sentences, longTexts;

    public CommunityWords(int seed)
    {
        countries = [.. CommunityCountry.All.Select(country => (country.Weight, country))];
        var chance = new Randomizer(seed);
        foreach (var country in CommunityCountry.All)
        {
            var source = new Name(country.Locale) { Random = chance };
            names[country.Code] = (
                Pool(NamesInAPool, () => source.FirstName(Name.Gender.Male)),
                Pool(NamesInAPool, () => source.FirstName(Name.Gender.Female)),
                Pool(NamesInAPool, () => source.LastName()));
        }
        string[] locales = ["en", "de", "fr", "ru", "pl"];
        sentences = [.. locales.SelectMany(locale => Pool(SentencesInALocale, () => new Lorem(locale) { Random = chance }.Sentence(4, 12)))];
        longTexts = Pool(LongTexts, () => new Lorem("en") { Random = chance }.Paragraphs(3, "\n\n"));
    }

    static string[] Pool(int size, Func<string> draw) => [.. Enumerable.Range(0, size).Select(_ => draw())];

    public CommunityCountry Country(Random random) => random.Pick<CommunityCountry>(countries);

    public string FirstName(Random random, CommunityCountry country, string gender)
    {
        var (male, female, _) = names[country.Code];
        return random.Pick(gender switch { "Male" => male, "Female" => female, _ => random.OneIn(2) ? male : female });
    }

    public string LastName(Random random, CommunityCountry country) => random.Pick(names[country.Code].Last);

    public string HealthCoach(Random random) =>
        $"{FirstName(random, CommunityCountry.All[0], "")} {LastName(random, CommunityCountry.All[0])}";

    /// <summary>A message: mostly a sentence or two, now and then long, empty or null.</summary>
    public string? Message(Random random)
    {
        if (random.OneIn(NullOneIn))
            return null;
        if (random.OneIn(EmptyOneIn))
            return "";
        if (random.OneIn(LongOneIn))
            return random.Pick(longTexts);
        if (random.OneIn(PhraseOneIn))
            return random.Pick(Phrases);
        string sentence = random.Pick(sentences);
        return random.OneIn(PairOneIn) ? $"{sentence} {random.Pick(Phrases)}" : sentence;
    }
}
