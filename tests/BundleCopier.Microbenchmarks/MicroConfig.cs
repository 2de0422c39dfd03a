using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains;
using BenchmarkDotNet.Toolchains.NativeAot;
using Perfolizer.Horology;
using Perfolizer.Mathematics.OutlierDetection;

namespace BundleCopier.Microbenchmarks;

/// <summary>The configuration of BenchmarkDotNet.</summary>
internal static class MicroConfig
{
    public const string Jit = "JIT";
    public const string Native = "native";

    // The analyzers ran when our code was built.
    private static readonly MsBuildArgument WithoutAnalyzers = new("/p:RunAnalyzers=false");

    public static IConfig Of(MicroOptions options, ILogger log)
    {
        Job common = Job.Default
            .WithLaunchCount(options.Launches)
            .WithWarmupCount(options.WarmUps)
            .WithIterationCount(options.Iterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(options.IterationMs))
            .WithOutlierMode(OutlierMode.DontRemove)
            // An empty call takes a nanosecond; all operations here take much longer.
            .WithEvaluateOverhead(false)
            // The same as in the program.
            .WithGcConcurrent(false);
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddValidator([.. DefaultConfig.Instance.GetValidators()])
            .AddLogger(log)
            .AddEventProcessor(new Progress())
            .AddJob(common.WithId(Jit).WithArguments([WithoutAnalyzers]))
            .WithArtifactsPath(options.Artifacts)
            .WithBuildTimeout(TimeSpan.FromMinutes(10));
        return options.HasNative
            ? config.AddJob(common
                .WithId(Native)
                .WithArguments([WithoutAnalyzers, NativeTargets()])
                .WithToolchain(NativeToolchain()))
            : config;
    }

    // An empty instruction set is the one that the program is compiled for. A feed is required; a directory without
    // packages leaves the choice of feeds to the machine's configuration.
    private static IToolchain NativeToolchain() => NativeAotToolchain.CreateBuilder()
        .UseNuGet("", AppContext.BaseDirectory)
        .IlcInstructionSet("")
        .TargetFrameworkMoniker("net10.0")
        .DisplayName(Native)
        .ToToolchain();

    // Up from bin/Release/net10.0. MSBuild ignores a missing file, so check it here.
    private static MsBuildArgument NativeTargets()
    {
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../Native.targets"));
        return File.Exists(path)
            ? new MsBuildArgument($"/p:CustomAfterMicrosoftCommonTargets={path}")
            : throw new FileNotFoundException(null, path);
    }
}
