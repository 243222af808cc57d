using System.ComponentModel.DataAnnotations;

namespace Etl.Sources;

/// <summary>Holds the options of a source to the ranges that their attributes give.</summary>
internal static class OptionRanges
{
    /// <param name="kind">Whose options they are, for people.</param>
    /// <param name="more">What else is wrong with them.</param>
    /// <exception cref="UsageException">Everything that is wrong.</exception>
    public static T Check<T>(T options, string kind, params IEnumerable<string> more) where T : class
    {
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true);
        string[] errors = [.. wrong.Select(w => w.ErrorMessage!), .. more];
        return errors.Length == 0 ? options : throw new UsageException($"{kind} options: {string.Join(' ', errors)}");
    }
}
