using System.Security.Cryptography;
using System.Text;
using Chaos.MongoEmulator.Commands;

namespace Chaos.MongoEmulator.Authentication;

/// <summary>One login by SCRAM-SHA-256: the client's two messages, answered in turn, and where the client wants it an empty one to end.</summary>
sealed class ScramConversation
{
    public const string Mechanism = "SCRAM-SHA-256";

    const int NonceBytes = 24;

    readonly MongoUser user;
    readonly bool skipsEmptyExchange;
    readonly string clientFirst, serverFirst, nonce, header;
    bool proved;

    /// <param name="payload"><c>n,,n=user,r=nonce</c>.</param>
    /// <exception cref="CommandException">AuthenticationFailed: no such user; BadValue: not a SCRAM message.</exception>
    public ScramConversation(ReadOnlySpan<byte> payload, bool skipsEmptyExchange, IReadOnlyDictionary<string, MongoUser> users)
    {
        this.skipsEmptyExchange = skipsEmptyExchange;
        string[] parts = Encoding.UTF8.GetString(payload).Split(',', 3);
        if (parts.Length < 3 || parts[0] is not ("n" or "y") || parts[1].Length > 0)
            throw new CommandException(ErrorCode.BadValue, "Incorrect SCRAM client message prefix");
        header = $"{parts[0]},,";
        clientFirst = parts[2];
        string[] fields = clientFirst.Split(',');
        if (fields.Length < 2 || !fields[0].StartsWith("n=", StringComparison.Ordinal) || !fields[1].StartsWith("r=", StringComparison.Ordinal) || fields[1].Length == 2)
            throw new CommandException(ErrorCode.BadValue, "Incorrect SCRAM client message: it needs a user name and a nonce");
        user = users.GetValueOrDefault(fields[0][2..].Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal)) ?? throw Failed();
        nonce = fields[1][2..] + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        serverFirst = $"r={nonce},s={Convert.ToBase64String(user.Credential.Salt)},i={ScramCredential.Iterations}";
    }

    public byte[] FirstAnswer => Encoding.UTF8.GetBytes(serverFirst);

    /// <summary>Set once the login is complete.</summary>
    public string? AuthenticatedUser { get; private set; }

    /// <param name="payload"><c>c=header,r=nonce,p=proof</c>, then nothing.</param>
    /// <exception cref="CommandException">AuthenticationFailed.</exception>
    public byte[] Continue(ReadOnlySpan<byte> payload)
    {
        if (proved)
        {
            AuthenticatedUser = payload.IsEmpty ? user.Name : throw Failed();
            return [];
        }
        string text = Encoding.UTF8.GetString(payload);
        int end = text.LastIndexOf(",p=", StringComparison.Ordinal);
        string expected = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(header))},r={nonce}";
        Span<byte> proof = new byte[SHA256.HashSizeInBytes];
        if (end < 0 || text[..end] != expected || !Convert.TryFromBase64String(text[(end + 3)..], proof, out int length))
            throw Failed();
        byte[] messages = Encoding.UTF8.GetBytes($"{clientFirst},{serverFirst},{expected}");
        if (!user.Credential.Accepts(proof[..length].ToArray(), messages))
            throw Failed();
        proved = true;
        if (skipsEmptyExchange)
            AuthenticatedUser = user.Name;
        return Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(user.Credential.Signature(messages))}");
    }

    /// <summary>The same for a wrong name and a wrong password, so that neither can be told.</summary>
    static CommandException Failed() => new(ErrorCode.AuthenticationFailed, "Authentication failed.");
}
