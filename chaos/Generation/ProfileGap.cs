namespace Chaos.Generation;

/// <summary>What a user's document lacks, as real ones do; all of it is allowed by the contract.</summary>
enum ProfileGap
{
    None,
    PostCodeMissing,
    PostCodeNull,
    PostCodeEmpty,
    GenderEmpty,
    GenderMissing,
    LastNameNull,
    FirstNameEmpty,
    CountryEmpty,
    CountryMissing,
    AgeNull,
    GroupNull,
    HelpersMissing,
}
