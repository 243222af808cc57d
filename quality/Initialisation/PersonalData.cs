using Etl.Contracts;

namespace Quality.Initialisation;

/// <summary>Guesses which fields tell of a person. Better one too many: what is personal is masked everywhere but in the warehouse.</summary>
internal static class PersonalData
{
    const double MostTexts = 0.5;

    /// <summary>Each is a run of words in a field's name.</summary>
    static readonly string[] Words =
    [
        "email", "e_mail", "mail", "phone", "telephone", "tel", "mobile", "cell", "fax", "first_name", "firstname", "last_name", "lastname", "full_name", "fullname", "surname", "given_name", "family_name",
        "middle_name", "maiden_name", "nickname", "user_name", "username", "login", "address", "street", "zip", "zip_code", "postal_code", "post_code", "postcode", "birth", "birthday", "birth_date", "birthdate", "dob",
        "ssn", "social_security", "tax_id", "passport", "national_id", "driver_license", "iban", "card_number", "credit_card", "cvv", "account_number", "ip", "ip_address", "password", "passwd", "secret", "token",
        "latitude", "longitude", "lat", "lng", "gender", "ethnicity", "religion",
    ];

    static readonly string[] People = ["user", "customer", "person", "people", "member", "contact", "patient", "employee", "author", "owner", "client", "guest", "student", "teacher", "profile", "account"];

    /// <returns>What gives it away; null: nothing does.</returns>
    public static string? Why(ObservedField seen, string collection)
    {
        string name = "_" + Identifier.SnakeCase(seen.Name) + "_";
        if (Array.Exists(Words, word => name.Contains($"_{word}_", StringComparison.Ordinal) || name.Contains($"_{word}s_", StringComparison.Ordinal)))
            return "by its name";
        string around = Singular.Of(Identifier.SnakeCase(Holder(seen) is { Length: > 0 } holder ? holder : collection));
        if (name is "_name_" && Array.Exists(People, around.EndsWith))
            return $"the name of a {around}";
        return (seen.Elements?.Sample ?? seen.Sample)?.Personal is { Share: >= MostTexts } personal ? $"{TextSample.Percent(personal.Share)} of its texts look like {personal.Name}" : null;
    }

    static string Holder(ObservedField seen)
    {
        for (var around = seen.Around; around is not null; around = around.Around)
            if (around.Name.Length > 0)
                return around.Name;
        return "";
    }
}
