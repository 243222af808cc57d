using BenchmarkDotNet.Running;
using Benchmarks.EndToEnd;
using Benchmarks.Sources;

if (args is ["end-to-end", .. var options])
    return await EndToEndCommand.RunAsync(options);
if (args is ["sources", .. var which])
    return await SourceBench.RunAsync(which);
BenchmarkSwitcher.FromAssembly(typeof(Benchmarks.FlatteningBenchmarks).Assembly).Run(args);
return 0;
