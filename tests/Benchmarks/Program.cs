using BenchmarkDotNet.Running;
using Benchmarks.EndToEnd;

if (args is ["end-to-end", .. var options])
    return await EndToEndCommand.RunAsync(options);
BenchmarkSwitcher.FromAssembly(typeof(Benchmarks.FlatteningBenchmarks).Assembly).Run(args);
return 0;
