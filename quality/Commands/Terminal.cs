using Etl.Loading;
using Quality.Commands.Quarantine;
using Spectre.Console;
using VisibleText = Quality.Ui.VisibleText;

namespace Quality.Commands;

/// <summary>Tables and verdicts for people. Whatever comes from data is escaped.</summary>
internal static class Terminal
{
    /// <summary>Messages and progress; results go to standard output.</summary>
    public static readonly IAnsiConsole Messages = Create(Console.Error, Console.IsErrorRedirected);

    static readonly IAnsiConsole Results = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>A redirected output gets no colours, and no width of its own: lines must not be broken there.</summary>
    const int RedirectedWidth = 240;

    static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect });
        if (redirected)
            console.Profile.Width = RedirectedWidth;
        return console;
    }

    /// <summary>Whether standard error is a terminal on which lines can be redrawn.</summary>
    public static bool CanDraw => !Console.IsErrorRedirected && Messages.Profile.Capabilities is { Ansi: true, Interactive: true };

    /// <summary>A display that is left in its midst has hidden it.</summary>
    public static void ShowCursor()
    {
        if (CanDraw)
            Console.Error.Write("\u001b[?25h\n");
    }

    public static void Say(string message) => Messages.MarkupLineInterpolated($"{Plain(message)}");

    /// <summary>A message of one or more lines, without anything that moves a cursor or colours a line: a contract, a document or a server may have put it there.</summary>
    public static string Plain(string message) => string.Join('\n', message.Split('\n').Select(Visible));

    /// <summary>One line of a result.</summary>
    public static void Result(string text) => Results.MarkupLineInterpolated($"{Visible(text)}");

    public static void Heading(string text)
    {
        Results.WriteLine();
        Results.MarkupLineInterpolated($"[bold]{Visible(text)}[/]");
    }

    /// <summary>A document; broken places are marked by colour, by a sign and by the rules' names.</summary>
    internal static void Document(IEnumerable<DocumentLine> lines)
    {
        foreach (var line in lines)
        {
            string text = new string(' ', 2 * line.Depth) + Visible(line.Text);
            if (line.Broken.Count == 0)
                Results.MarkupLineInterpolated($"  {text}");
            else
                Results.MarkupLineInterpolated($"[bold red]> {text}[/]  [red]<-- {string.Join(", ", line.Broken)}[/]");
        }
    }

    /// <summary>What comes from data may hold control characters: written out, they move no cursor and colour nothing.</summary>
    static string Visible(string text) => VisibleText.Of("|" + text + "|")[1..^1];

    /// <param name="headers">A header that begins with '#' is a number, aligned right.</param>
    public static void Table(string title, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape(Visible(title))) };
        foreach (string header in headers)
            table.AddColumn(new TableColumn(Markup.Escape(header.TrimStart('#'))) { Alignment = header[0] == '#' ? Justify.Right : Justify.Left, NoWrap = header[0] == '#' });
        foreach (var row in rows)
            table.AddRow([.. row.Select(cell => Markup.Escape(Visible(cell)))]);
        Results.Write(table);
    }

    /// <param name="toMessages">Standard output is taken by a JSON document.</param>
    public static void Verdict(Verdict verdict, string reason, bool toMessages = false)
    {
        string colour = verdict switch { Etl.Loading.Verdict.Reconciled => "green", Etl.Loading.Verdict.Mismatched => "red", _ => "yellow" };
        (toMessages ? Messages : Results).MarkupLine($"[bold {colour}]{verdict.Word()}[/]: {Markup.Escape(Visible(reason))}");
    }

    public static string Count(long value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}
