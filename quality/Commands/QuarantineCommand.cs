using System.CommandLine;
using Quality.Commands.Quarantine;

namespace Quality.Commands;

/// <summary><c>quality quarantine list|show PIPELINE</c>: what was refused, and why.</summary>
internal static class QuarantineCommand
{
    public static Command Create() => new("quarantine", "See documents that were refused") { QuarantineList.Create(), QuarantineShow.Create() };
}
