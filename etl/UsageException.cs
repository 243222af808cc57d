namespace Etl;

/// <summary>What was asked for cannot be meant: a malformed URI, a contract with errors. Exit code 64.</summary>
/// <param name="message">What, the value at hand (no secrets), what to do next; one line an error.</param>
public sealed class UsageException(string message, Exception? cause = null) : Exception(message, cause);
