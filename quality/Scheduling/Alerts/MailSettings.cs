namespace Quality.Scheduling.Alerts;

/// <summary>Where mail goes out, and to whom.</summary>
/// <param name="Tls">Demand STARTTLS; without it nothing is sent in the clear but to who asked for that.</param>
/// <param name="User">Null: the server asks for none.</param>
internal sealed record MailSettings(string Host, int Port, bool Tls, string? User, string? Password, string From, IReadOnlyList<string> To);
