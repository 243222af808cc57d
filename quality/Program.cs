using Quality.Commands;

return await CommandLine.RunAsync(args);
