using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Quality.Ui;

/// <summary>A value out of a document or a table: encoded, hidden characters written out, cut when long, NULL told from empty.</summary>
public sealed class Data : ComponentBase
{
    [Parameter, EditorRequired] public string? Value { get; set; }

    /// <summary>Characters shown.</summary>
    /// <value>Default: 240.</value>
    [Parameter] public int Limit { get; set; } = 240;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (Value is null) { Span(builder, "none", "NULL"); return; }
        if (Value.Length == 0) { Span(builder, "none", "empty"); return; }
        foreach (var (text, escaped) in VisibleText.Pieces(Value.Length > Limit ? Value[..Limit] : Value))
        {
            if (escaped) Span(builder, "esc", text);
            else builder.AddContent(0, text);
        }
        if (Value.Length > Limit) Cut(builder, Value.Length);
    }

    /// <summary>Says that there was more.</summary>
    /// <param name="length">Of the whole.</param>
    internal static void Cut(RenderTreeBuilder builder, int length) => Span(builder, "cut", $" … ({Format.Count(length)} characters)");

    static void Span(RenderTreeBuilder builder, string css, string text)
    {
        builder.OpenElement(1, "span");
        builder.AddAttribute(2, "class", css);
        builder.AddContent(3, text);
        builder.CloseElement();
    }
}
