using BundleCopier.Benchmarks.Compression;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;

// Everything on the main thread and nothing asynchronous: the machine has two cores, and what is measured needs them.
try
{
    switch (args)
    {
        case ["codec", string file]:
            CodecYardstick.Print(file);
            return 0;
        case ["touched", string from, string to]:
            TouchedPages.Append(from, to);
            return 0;
        case ["throughput", .. string[] options]:
            new ThroughputBenchmark(BenchmarkOptions.Parse(options)).Run();
            return 0;
        default:
            Console.Error.WriteLine("usage: codec FILE | touched FROM TO | throughput OPTIONS (see scripts/bench)");
            return 2;
    }
}
catch (MeasurementException failure)
{
    Console.Error.WriteLine($"bench: {failure.Message}");
    return 4;
}
