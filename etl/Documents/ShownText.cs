namespace Etl.Documents;

/// <summary>Text from data on its way to people, journal and report.</summary>
public static class ShownText
{
    /// <summary>Cuts a long text, never within a surrogate pair, and marks the cut.</summary>
    public static string Clip(string text, int characters)
    {
        if (text.Length <= characters)
            return text;
        int end = char.IsHighSurrogate(text[characters - 1]) ? characters - 1 : characters;
        return text[..end] + "…";
    }

    /// <summary>PostgreSQL's text and jsonb hold no NUL, and a message may quote the very one that refused a document: it shows as ␀.</summary>
    public static string WithoutNul(string text) => text.Replace('\0', '\u2400');
}
