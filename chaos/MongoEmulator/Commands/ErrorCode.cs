namespace Chaos.MongoEmulator.Commands;

/// <summary>The server's error codes, by the names it sends (src/mongo/base/error_codes.yml); those above 10,000 without a name are sent as Location….</summary>
enum ErrorCode
{
    InternalError = 1,
    BadValue = 2,
    FailedToParse = 9,
    Unauthorized = 13,
    TypeMismatch = 14,
    InvalidLength = 16,
    IllegalOperation = 20,
    InvalidBSON = 22,
    NamespaceNotFound = 26,
    IndexNotFound = 27,
    PathNotViable = 28,
    ConflictingUpdateOperators = 40,
    CursorNotFound = 43,
    NamespaceExists = 48,
    DollarPrefixedFieldName = 52,
    InvalidIdField = 53,
    EmptyFieldName = 56,
    CommandNotFound = 59,
    ImmutableField = 66,
    CannotCreateIndex = 67,
    InvalidOptions = 72,
    InvalidNamespace = 73,
    IndexOptionsConflict = 85,
    IndexKeySpecsConflict = 86,
    UnsatisfiableWriteConcern = 100,
    InvalidPipelineOperator = 168,
    QueryPlanKilled = 175,
    TransactionTooOld = 225,
    OperationNotSupportedInTransaction = 263,
    DuplicateKey = 11000,
    InterruptedAtShutdown = 11600,
    OutOfDiskSpace = 14031,
    UnknownGroupOperator = 15952,
    TooLargeAfterUpdate = 17419,
    AccumulatorOneArgument = 40238,
    UnknownStage = 40324,
    UnknownField = 40415,
    MissingField = 40414,
    MinMaxNeedsHint = 51173,
    MinMaxKeyMismatch = 51174,
    MinNotBelowMax = 51175,
    InclusionInExclusion = 31253,
    ExclusionInInclusion = 31254,
}

static class ErrorCodes
{
    static readonly HashSet<ErrorCode> Nameless =
    [
        ErrorCode.UnknownGroupOperator, ErrorCode.TooLargeAfterUpdate, ErrorCode.AccumulatorOneArgument, ErrorCode.UnknownStage, ErrorCode.UnknownField, ErrorCode.MissingField,
        ErrorCode.MinMaxNeedsHint, ErrorCode.MinMaxKeyMismatch, ErrorCode.MinNotBelowMax, ErrorCode.InclusionInExclusion, ErrorCode.ExclusionInInclusion,
    ];

    /// <summary>What the server sends as <c>codeName</c>.</summary>
    public static string Name(this ErrorCode code) => Nameless.Contains(code) || !Enum.IsDefined(code) ? $"Location{(int)code}" : code.ToString();
}
