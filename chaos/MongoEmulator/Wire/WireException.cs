namespace Chaos.MongoEmulator.Wire;

/// <summary>Bytes that are not the wire protocol: the connection cannot be trusted any further.</summary>
public sealed class WireException(string message) : Exception(message);
