using Etl;

namespace Chaos.MongoEmulator.Authentication;

/// <summary>Someone who may log in, and may then do everything. The password is kept as SCRAM keeps it, and never shown.</summary>
public sealed class MongoUser
{
    /// <param name="name">As it is written in the URI, decoded. Kept in the database <c>admin</c>.</param>
    /// <param name="password">Printable ASCII: what others would need (SASLprep) is not here.</param>
    /// <exception cref="UsageException">Either is empty or holds other characters.</exception>
    public MongoUser(string name, string password)
    {
        if (name.Length == 0 || name.Any(char.IsControl))
            throw new UsageException("A MongoDB user needs a name, without control characters.");
        if (password.Length == 0 || password.Any(c => c is < ' ' or > '~'))
            throw new UsageException($"The password of the MongoDB user '{name}' is empty or holds characters other than printable ASCII. Choose another.");
        Name = name;
        Credential = new ScramCredential(password);
    }

    public string Name { get; }
    internal ScramCredential Credential { get; }
}
