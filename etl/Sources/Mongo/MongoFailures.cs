namespace Etl.Sources.Mongo;

/// <summary>Says what a failure of MongoDB means to a person: what, the values at hand, what to do.</summary>
internal static class MongoFailures
{
    /// <param name="address">Without secrets.</param>
    public static UnavailableException Explain(MongoException e, string address)
    {
        string at = e.Host is { } host && !address.EndsWith("//" + host, StringComparison.Ordinal) ? $"{address} ({host})" : address;
        return new UnavailableException(e switch
        {
            { IsRefusedLogin: true } => $"MongoDB at {at} refused the login: {Sentence(e)} Check user, password and authSource of the URI.",
            { IsForbidden: true } => $"MongoDB at {at} does not let this user read: {Sentence(e)} Grant it the role 'read' on the database.",
            { IsUntrusted: true } => $"MongoDB at {at} cannot be reached over TLS: {Sentence(e)} Check tlsCAFile (who signed the server's certificate), the host's name (it must stand in the certificate), and tlsCertificateKeyFile, if the server wants one.",
            { IsForeignVersion: true } => $"MongoDB at {at} and this driver have no version of the protocol in common: {Sentence(e)} Update the older of the two.",
            { IsUnknownName: true } => $"MongoDB at {at} cannot be found: {Sentence(e)} Check the host's name and the DNS.",
            { IsUnreachable: true } => $"MongoDB at {at} cannot be reached: {Sentence(e)} Check the address, and that the server runs.",
            { IsBrokenReply: true } => $"MongoDB at {at} sent what is no valid reply: {Sentence(e)} Look at what lies between, or run 'validate' on the collection.",
            { CodeName: { } name } => $"MongoDB at {at} answered with error {e.Code} ({name}): {Sentence(e)}",
            _ => $"MongoDB at {at} answered with error {e.Code}: {Sentence(e)}",
        }, e);
    }

    /// <param name="documents">Handed out by this scan before.</param>
    /// <param name="lost">Cursors that this scan lost.</param>
    /// <param name="attempts">In a row, without a document.</param>
    public static UnavailableException Scan(MongoException e, string address, string collection, long documents, long lost, int attempts, TimeSpan spent)
    {
        string why = Explain(e, address).Message;
        return new UnavailableException(!e.IsPassing ? $"Reading '{collection}' failed behind {documents:N0} documents. {why}"
            : $"Reading '{collection}' was given up behind {documents:N0} documents, after {attempts} attempts in {spent.TotalSeconds:0.0} s that gave none; cursors lost: {lost}. {why} What is committed stays, and the next run goes on behind it.", e);
    }

    /// <summary>The message in one line that ends as a sentence does.</summary>
    public static string Sentence(MongoException e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ') + ".";
}
