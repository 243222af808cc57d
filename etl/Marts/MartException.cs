namespace Etl.Marts;

/// <summary>A mart cannot be made as it is described, or where it is described.</summary>
internal sealed class MartException(string message) : Exception(message);
