using Etl.Loading;
using Spectre.Console;

namespace Quality.Commands;

/// <summary>Tables and verdicts for people. Whatever comes from data is escaped.</summary>
internal static class Terminal
{
    /// <summary>Messages and progress; results go to standard output.</summary>
    public static readonly IAnsiConsole Messages = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    static readonly IAnsiConsole Results = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    public static void Say(string message) => Messages.MarkupLineInterpolated($"{message}");

    /// <param name="headers">A header that begins with '#' is a number, aligned right.</param>
    public static void Table(string title, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape(title)) };
        foreach (string header in headers)
            table.AddColumn(new TableColumn(Markup.Escape(header.TrimStart('#'))) { Alignment = header[0] == '#' ? Justify.Right : Justify.Left, NoWrap = header[0] == '#' });
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        // A redirected output has no width of its own; lines must not be broken there.
        Results.Profile.Width = Console.IsOutputRedirected ? 200 : Results.Profile.Width;
        Results.Write(table);
    }

    public static void Verdict(Verdict verdict, string reason)
    {
        string colour = verdict switch { Etl.Loading.Verdict.Reconciled => "green", Etl.Loading.Verdict.Mismatched => "red", _ => "yellow" };
        Results.MarkupLine($"[bold {colour}]{verdict.Word()}[/]: {Markup.Escape(reason)}");
    }

    public static string Count(long value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}
