using System.Text.RegularExpressions;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>packaging/systemd/bundlecopy@.service. systemd need not run for these tests.</summary>
public sealed partial class SystemdUnitTests : IDisposable
{
    private const string Analyze = "systemd-analyze";
    private static readonly string Unit = Repository.ReadText("packaging/systemd/bundlecopy@.service");

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [AnalyzeFact(Needs.None)]
    public void Systemd_finds_no_fault_in_the_unit()
    {
        // It looks for the program, which is not installed here.
        string path = Path.Combine(place.Disk, "bundlecopy@test.service");
        File.WriteAllText(path, Unit.Replace("/usr/bin/bundlecopy", "/bin/true", StringComparison.Ordinal));
        Assert.Equal("", Tool.Run(Analyze, "verify", path));
        // Its score is 0.9 of 10 with systemd 252. The command fails above the threshold, which is ten times that.
        Tool.Run(Analyze, "security", "--offline=yes", "--threshold=12", path);
    }

    [AnalyzeFact(Needs.None)]
    public void Systemd_finds_no_fault_in_the_units_of_the_server()
    {
        string[] paths = [.. new[] { "bundlecopy-serve.service", "bundlecopy-serve.socket" }.Select(name =>
        {
            string path = Path.Combine(place.Disk, name);
            string text = Repository.ReadText($"packaging/systemd/{name}");
            File.WriteAllText(path, text.Replace("/usr/bin/bundlecopy", "/bin/true", StringComparison.Ordinal));
            return path;
        })];
        Assert.Equal("", Tool.Run(Analyze, ["verify", .. paths]));
    }

    [AnalyzeFact(Needs.Strace | Needs.Native)]
    [Trait("Program", "native")]
    public void The_program_makes_no_system_call_that_the_unit_forbids()
    {
        HashSet<string> allowed = ["syscall_0x1c3"]; // cachestat(2), of which older versions of strace do not know
        const string Key = "SystemCallFilter=";
        foreach (string line in Unit.Split('\n').Where(static l => l.StartsWith(Key, StringComparison.Ordinal)))
        {
            string list = line[Key.Length..];
            IEnumerable<string> names = list.TrimStart('~').Split(' ').SelectMany(CallsOf);
            if (list.StartsWith('~'))
                allowed.ExceptWith(names);
            else
                allowed.UnionWith(names);
        }

        SourceFile.Dense(place.Source("a"), 3 << 20);
        string trace = Path.Combine(place.Disk, "trace");
        Ended.Committed(
            0, place, Strace.Start(trace, ["all"], [], ["--manifest", place.Manifest(place.Source("a"))]).Wait());
        string[] forbidden =
            [.. Strace.Read(trace).Select(static c => c.Name).Distinct().Where(c => !allowed.Contains(c)).Order()];
        Assert.Empty(forbidden);
    }

    // The names of a set, and of the sets in it.
    private static IEnumerable<string> CallsOf(string name) => name.StartsWith('@')
        ? Names().Matches(Tool.Run(Analyze, "syscall-filter", name)).Select(static m => m.Value).Where(n => n != name)
            .SelectMany(CallsOf)
        : [name];

    // A line for each name; comments begin with #.
    [GeneratedRegex(@"(?<=^\s*)@?[a-z_][\w-]*(?=\s*$)", RegexOptions.Multiline)]
    private static partial Regex Names();

    /// <summary>A fact that also needs systemd-analyze.</summary>
    private sealed class AnalyzeFactAttribute : FactAttribute
    {
        public AnalyzeFactAttribute(Needs needs) => Skip = Tool.Find(Analyze) is null
            ? $"{Analyze} is not installed: THE UNIT IS NOT TESTED"
            : Machine.Lacks(needs);
    }
}
