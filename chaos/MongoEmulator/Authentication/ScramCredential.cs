using System.Security.Cryptography;
using System.Text;

namespace Chaos.MongoEmulator.Authentication;

/// <summary>
/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, RFC 7677): enough to check a proof, too little to log in with.
/// Salt and nonces are the system's, not the seed's: no trace depends on them, and a login must not be foreseeable.
/// </summary>
sealed class ScramCredential
{
    /// <summary>mongod's scramSHA256IterationCount.</summary>
    public const int Iterations = 15_000;

    const int SaltBytes = 28;

    readonly byte[] storedKey, serverKey;

    public ScramCredential(string password)
    {
        Salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
    }

    public byte[] Salt { get; }

    /// <summary>Whether the proof could be made by one who knows the password, for this exchange of messages.</summary>
    public bool Accepts(byte[] proof, byte[] messages)
    {
        if (proof.Length != SHA256.HashSizeInBytes)
            return false;
        byte[] clientKey = HMACSHA256.HashData(storedKey, messages);
        for (int i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), storedKey);
    }

    /// <summary>By which the server shows that it knows the password's keys, too.</summary>
    public byte[] Signature(byte[] messages) => HMACSHA256.HashData(serverKey, messages);
}
