namespace Etl;

/// <summary>
/// Something that the work needs is not there: a server, a collection, a binary, a password that is accepted.
/// Nothing could be verified; the command line answers with exit code 2.
/// </summary>
/// <param name="message">What, the value at hand (no secrets), what to do next; one line.</param>
public sealed class UnavailableException(string message, Exception? cause = null) : Exception(message, cause);
