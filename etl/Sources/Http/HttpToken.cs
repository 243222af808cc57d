using Etl.Contracts;

namespace Etl.Sources.Http;

/// <summary>The secret that an API asks for in a header. Its value appears in no message and no text.</summary>
public sealed class HttpToken
{
    const int MaxLength = 8_192;

    /// <param name="origin">Where it came from, for people: the name of a variable or file.</param>
    /// <exception cref="UsageException">No header has such a name, or no header can hold such a value.</exception>
    public HttpToken(string header, string value, string origin)
    {
        if (header.Length == 0 || !header.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new UsageException($"'{header}' is not the name of an HTTP header. Letters, digits and '-' make one: api-token.");
        value = value.Trim();
        if (value.Length is 0 or > MaxLength || !value.All(c => c is >= ' ' and <= '~'))
            throw new UsageException($"The token in {origin} cannot be sent: it has {value.Length:N0} characters, must have 1 to {MaxLength:N0}, all of them printable ASCII and on one line.");
        (Header, Value, Origin) = (header, value, origin);
    }

    public string Header { get; }

    public string Origin { get; }

    internal string Value { get; }

    /// <summary>The value of a variable; where that is not set, of the file that VARIABLE_FILE names. None where neither is set.</summary>
    /// <param name="environment">Reads a variable; the process's environment by default.</param>
    /// <exception cref="UsageException">The file cannot be read, or its content cannot be a header.</exception>
    public static HttpToken? FromEnvironment(string header, string variable, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        if (environment(variable) is { Length: > 0 } value)
            return new HttpToken(header, value, variable);
        if (environment($"{variable}_FILE") is not { Length: > 0 } file)
            return null;
        try
        {
            return new HttpToken(header, File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The token's file '{file}', named by {variable}_FILE, cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Takes the secret out of a text.</summary>
    internal string Redact(string text) => text.Replace(Value, "***", StringComparison.Ordinal);

    public override string ToString() => $"{Header}: *** (from {Origin})";
}
