using System.Runtime.InteropServices;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BundleCopier.Benchmarks.Report;
using BundleCopier.Microbenchmarks;

MicroOptions options = MicroOptions.Parse(args);
Group[] groups = [.. Group.All.Where(g => options.Only is "" || g.Id == options.Only)];

string logPath = Path.Combine(options.Artifacts, "log.txt");
Directory.CreateDirectory(options.Artifacts);
Summary[] summaries;
using (StreamLogger log = new(logPath))
    summaries = BenchmarkRunner.Run([.. groups.Select(g => g.Benchmarks)], MicroConfig.Of(options, log));

BenchmarkReport[] all = [.. summaries.SelectMany(s => s.Reports)];
BenchmarkReport[] managed = [.. all.Where(r => r.BenchmarkCase.Job.Id == MicroConfig.Jit)];
// Report the other results if some benchmarks could not be built.
if (options.HasNative && all.Except(managed).All(r => !r.BuildResult.IsBuildSuccess))
{
    Console.Error.WriteLine($"bench-micro: WITHOUT native code, which could not be built; {logPath} says why");
    options = options with { NativeLack = "it could not be built" };
    all = managed;
}

if (all.Length == 0 || summaries.Any(s => s.HasCriticalValidationErrors) || all.Any(r => !r.Success))
{
    Console.Error.WriteLine($"bench-micro: not everything could be measured; {logPath} says why");
    return 4;
}

Machine machine = Machine.Look(
    (".NET", RuntimeInformation.FrameworkDescription),
    ("BenchmarkDotNet", typeof(BenchmarkRunner).Assembly.GetName().Version?.ToString(3)));
string report = new MicroReport(
    [.. groups.Select(g => g.Measured(all))],
    machine,
    options.CommandLine,
    options.How,
    options.NativeLack).ToString();
if (options.Output is "")
    Console.Write(report);
else
    File.WriteAllText(options.Output, report);
return 0;
