using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Quality.Ui;

/// <summary>
/// A dotted path or name, made visible as <see cref="Data"/> does, that a narrow column breaks behind its dots rather than in the midst of a word;
/// a long word also behind its underscores and before its capitals.
/// </summary>
public sealed class PathText : ComponentBase
{
    /// <summary>A word of so many characters fits into a narrow column.</summary>
    const int LongWord = 16;

    [Parameter, EditorRequired] public string Value { get; set; } = "";

    /// <summary>Characters shown.</summary>
    /// <value>Default: 80.</value>
    [Parameter] public int Limit { get; set; } = 80;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        string shown = Value.Length > Limit ? Value[..Limit] : Value;
        int begin = 0;
        foreach (int end in Breaks(shown))
        {
            Piece(builder, shown[begin..end]);
            builder.OpenElement(3, "wbr");
            builder.CloseElement();
            begin = end;
        }
        Piece(builder, shown[begin..]);
        if (Value.Length > Limit)
            Data.Cut(builder, Value.Length);
    }

    /// <summary>Places inside a text where a line may end.</summary>
    public static IEnumerable<int> Breaks(string text)
    {
        for (int begin = 0, end; begin < text.Length; begin = end)
        {
            end = text.AsSpan(begin).IndexOfAny('.', ' ') is >= 0 and var dot ? begin + dot + 1 : text.Length;
            if (end - begin > LongWord)
                for (int i = begin + 1; i < end; i++)
                    if (text[i - 1] == '_' && text[i] != ' ' || char.IsUpper(text[i]) && char.IsLower(text[i - 1]))
                        yield return i;
            if (end < text.Length && text[end - 1] == '.' && text[end] != ' ')
                yield return end;
        }
    }

    static void Piece(RenderTreeBuilder builder, string text)
    {
        builder.OpenComponent<Data>(0);
        builder.AddComponentParameter(1, nameof(Data.Value), text);
        builder.AddComponentParameter(2, nameof(Data.Limit), text.Length);
        builder.CloseComponent();
    }
}
