using BundleCopier.Benchmarks;
using BundleCopier.Benchmarks.Bystanders;
using BundleCopier.Benchmarks.Compression;
using BundleCopier.Benchmarks.Running;
using BundleCopier.Benchmarks.Sections;
using K4os.Compression.LZ4;

// All runs on the main thread, nothing is asynchronous: the measured programs need the machine's two cores.
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
        // For scripts/profile-codec: first a run that counts, then a profile made of the counts.
        case ["train", .. string[] files]:
            CodecTraining.Run(files);
            return 0;
        case ["mibc", string counts, string profile]:
            MethodProfile[] methods = [.. MethodProfile.Read(File.ReadAllLines(counts), typeof(LZ4Codec).Assembly)];
            MibcFile.Write(profile, typeof(LZ4Codec).Assembly, methods);
            Console.WriteLine(methods.Length);
            return 0;
        case ["throughput", .. string[] options]:
            new ThroughputBenchmark(BenchmarkOptions.Parse(options)).Run();
            return 0;
        case ["bystanders", .. string[] options]:
            new BystanderBenchmark(BenchmarkOptions.Parse(options)).Run();
            return 0;
        default:
            Console.Error.WriteLine(
                "usage: codec FILE | touched FROM TO | train [FILE...] | mibc COUNTS PROFILE"
                + " | throughput OPTIONS | bystanders OPTIONS (see scripts/)");
            return 2;
    }
}
catch (MeasurementException failure)
{
    Console.Error.WriteLine($"bench: {failure.Message}");
    return 4;
}
