using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains;
using BenchmarkDotNet.Toolchains.NativeAot;
using Perfolizer.Horology;
using Perfolizer.Mathematics.OutlierDetection;

namespace BundleCopier.Microbenchmarks;

/// <summary>How BenchmarkDotNet is to measure.</summary>
internal static class MicroConfig
{
    public const string Jit = "JIT";
    public const string Native = "native";

    // Our code was looked at when it was built.
    private static readonly MsBuildArgument WithoutAnalyzers = new("/p:RunAnalyzers=false");

    public static IConfig Of(MicroOptions options, ILogger log)
    {
        Job common = Job.Default
            .WithLaunchCount(options.Launches)
            .WithWarmupCount(options.WarmUps)
            .WithIterationCount(options.Iterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(options.IterationMs))
            .WithOutlierMode(OutlierMode.DontRemove)
            // An empty call takes a nanosecond, and nothing here is as short as that.
            .WithEvaluateOverhead(false)
            // As the program has it.
            .WithGcConcurrent(false);
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddValidator([.. DefaultConfig.Instance.GetValidators()])
            .AddLogger(log)
            .AddEventProcessor(new Progress())
            .AddJob(common.WithId(Jit).WithArguments([WithoutAnalyzers]))
            .WithArtifactsPath(options.Artifacts)
            .WithBuildTimeout(TimeSpan.FromMinutes(10));
        return options.HasNative
            ? config.AddJob(common.WithId(Native).WithArguments([WithoutAnalyzers, NativeTargets()]).WithToolchain(NativeToolchain()))
            : config;
    }

    // Without an instruction set the compiler takes the one that the program is compiled for. A feed has to be named; a directory
    // without packages is one, and leaves it to the machine's configuration where packages come from.
    private static IToolchain NativeToolchain() => NativeAotToolchain.CreateBuilder()
        .UseNuGet("", AppContext.BaseDirectory)
        .IlcInstructionSet("")
        .TargetFrameworkMoniker("net10.0")
        .DisplayName(Native)
        .ToToolchain();

    // Out of bin/Release/net10.0. MSBuild passes over a file that is not there.
    private static MsBuildArgument NativeTargets()
    {
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../Native.targets"));
        return File.Exists(path) ? new MsBuildArgument($"/p:CustomAfterMicrosoftCommonTargets={path}") : throw new FileNotFoundException(null, path);
    }
}
