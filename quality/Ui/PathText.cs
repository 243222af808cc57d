using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Quality.Ui;

/// <summary>A dotted path or name, made visible as <see cref="Data"/> does, that a narrow column breaks behind its dots rather than in the midst of a word.</summary>
public sealed class PathText : ComponentBase
{
    [Parameter, EditorRequired] public string Value { get; set; } = "";

    /// <summary>Characters shown.</summary>
    /// <value>Default: 80.</value>
    [Parameter] public int Limit { get; set; } = 80;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        string shown = Value.Length > Limit ? Value[..Limit] : Value;
        int begin = 0;
        for (int dot = shown.IndexOf('.'); dot >= 0 && dot + 1 < shown.Length; dot = shown.IndexOf('.', dot + 1))
        {
            Piece(builder, shown[begin..(dot + 1)], Limit);
            builder.OpenElement(3, "wbr");
            builder.CloseElement();
            begin = dot + 1;
        }
        // The last piece knows how long the whole was.
        Piece(builder, begin == 0 ? Value : shown[begin..] + Value[shown.Length..], Limit - begin);
    }

    static void Piece(RenderTreeBuilder builder, string text, int limit)
    {
        builder.OpenComponent<Data>(0);
        builder.AddComponentParameter(1, nameof(Data.Value), text);
        builder.AddComponentParameter(2, nameof(Data.Limit), limit);
        builder.CloseComponent();
    }
}
