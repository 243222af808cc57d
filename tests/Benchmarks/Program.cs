using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Benchmarks.FlatteningBenchmarks).Assembly).Run(args);
