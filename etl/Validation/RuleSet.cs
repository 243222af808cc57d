using FluentValidation;

namespace Etl.Validation;

/// <summary>
/// Rules written by hand, for what a contract cannot say. They run for every document of the dataset that they are given to (<see cref="RuleSets"/>);
/// a failure of severity Error quarantines the document, Warning is counted, under the failure's error code. Any AbstractValidator of
/// <see cref="DocumentView"/> will do; this one names failures by the path that was asked for.
/// </summary>
/// <example><code>
/// sealed class Billing : RuleSet
/// {
///     public Billing()
///     {
///         Number("age").GreaterThanOrEqualTo(18).WithErrorCode("adult");
///         Date("subscriptions.startDate").Must((user, start) => start >= user.Date("signUpDate")).WithErrorCode("startsAfterSignUp");
///         Text("postCode").NotEmpty().WithErrorCode("postCode").WithSeverity(Severity.Warning);
///     }
/// }
/// </code></example>
public abstract class RuleSet : AbstractValidator<DocumentView>
{
    /// <inheritdoc cref="DocumentView.Text"/>
    protected IRuleBuilderInitial<DocumentView, string?> Text(string path) => Named(RuleFor(d => d.Text(path)), path);

    /// <inheritdoc cref="DocumentView.Number"/>
    protected IRuleBuilderInitial<DocumentView, decimal?> Number(string path) => Named(RuleFor(d => d.Number(path)), path);

    /// <inheritdoc cref="DocumentView.Flag"/>
    protected IRuleBuilderInitial<DocumentView, bool?> Flag(string path) => Named(RuleFor(d => d.Flag(path)), path);

    /// <inheritdoc cref="DocumentView.Date"/>
    protected IRuleBuilderInitial<DocumentView, DateTimeOffset?> Date(string path) => Named(RuleFor(d => d.Date(path)), path);

    /// <inheritdoc cref="DocumentView.Count"/>
    protected IRuleBuilderInitial<DocumentView, int?> Count(string path) => Named(RuleFor(d => d.Count(path)), path);

    /// <summary>The document as a whole; name what the rule is about with OverridePropertyName.</summary>
    protected IRuleBuilderInitial<DocumentView, DocumentView> Document() => Named(RuleFor(d => d), "");

    static IRuleBuilderInitial<DocumentView, T> Named<T>(IRuleBuilderInitial<DocumentView, T> rule, string path) =>
        rule.Configure(r => r.PropertyName = path);
}
