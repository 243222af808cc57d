using BenchmarkDotNet.Running;
using Benchmarks.EndToEnd;

if (args is ["end-to-end", .. var options])
    return await EndToEndCommand.RunAsync(options, BenchOptions.Parts);
if (args is ["sources", .. var sourceOptions])
    return await EndToEndCommand.RunAsync(sourceOptions, BenchOptions.SourceParts);
BenchmarkSwitcher.FromAssembly(typeof(Benchmarks.FlatteningBenchmarks).Assembly).Run(args);
return 0;
