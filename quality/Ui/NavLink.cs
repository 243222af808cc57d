namespace Quality.Ui;

/// <param name="Target">Where it leads: <c>#books</c>, or a path of the dashboard.</param>
public sealed record NavLink(string Name, string Target);
