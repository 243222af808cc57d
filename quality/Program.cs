using Quality.Commands;

// Before anything else: a signal that comes earlier ends the process as the system does it, with nothing said.
using var interruption = new Interruption(TimeProvider.System);
return await CommandLine.RunAsync(args, interruption);
