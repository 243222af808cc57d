namespace Chaos.Generation;

/// <summary>A country, how people are named there, and what a post code looks like: # a digit, ? a letter.</summary>
sealed record CommunityCountry(string Code, string Locale, int Weight, string PostCodePattern)
{
    public static readonly IReadOnlyList<CommunityCountry> All =
    [
        new("GB", "en_GB", 34, "??# #??"),
        new("IE", "en_IE", 6, "?## ?#??"),
        new("US", "en_US", 10, "#####"),
        new("DE", "de", 12, "#####"),
        new("FR", "fr", 8, "#####"),
        new("ES", "es", 6, "#####"),
        new("PL", "pl", 5, "##-###"),
        new("UA", "uk", 4, "#####"),
        new("RU", "ru", 3, "######"),
        new("SE", "sv", 3, "### ##"),
        new("TR", "tr", 3, "#####"),
        new("NL", "nl", 3, "#### ??"),
        new("GR", "el", 2, "### ##"),
        new("JP", "ja", 1, "###-####"),
    ];

    public string PostCode(Random random) => string.Create(PostCodePattern.Length, (PostCodePattern, random), static (text, state) =>
    {
        for (int at = 0; at < text.Length; at++)
            text[at] = state.PostCodePattern[at] switch
            {
                '#' => (char)('0' + state.random.Next(10)),
                '?' => (char)('A' + state.random.Next(26)),
                var other => other,
            };
    });
}
