namespace Chaos.MongoEmulator.Wire;

/// <summary>Message kinds that are spoken here; every other closes the connection.</summary>
enum Opcode
{
    Reply = 1,
    /// <summary>For the first isMaster alone, with which drivers begin.</summary>
    Query = 2004,
    Message = 2013,
}
