namespace Quality.Ui;

public static class StatusLook
{
    public static string Css(this Status status) => status switch
    {
        Status.Good => "good",
        Status.Warn => "warn",
        Status.Bad => "bad",
        _ => "idle",
    };

    public static string Mark(this Status status) => status switch
    {
        Status.Good => "✓",
        Status.Warn => "!",
        Status.Bad => "✕",
        _ => "?",
    };
}
