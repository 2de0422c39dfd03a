using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The order of system calls that makes a bundle durable, as strace(1) sees it on the real kernel: nothing gets the
/// bundle's name before it is on disk, and the program does not say that it is done before the name is on disk.
/// </summary>
[Trait("Program", "native")]
public sealed partial class DurabilityOrderTests(ITestOutputHelper log) : IDisposable
{
    private const long MiB = 1 << 20;

    private static readonly string[] Traced =
    [
        "openat", "mkdirat", "unlinkat", "renameat", "renameat2", "pread64", "pwrite64", "pwritev2", "ftruncate",
        "fallocate", "io_submit", "io_getevents", "fsync", "fdatasync", "syncfs", "fcntl", "fstat", "close",
        "exit_group",
    ];

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    public static TheoryData<string, int, long> Copies => new()
    {
        { "", 4, 2 * MiB }, // each file is synced
        { "", 70, 2 * MiB }, // small files are synced together
        { "", 70, (20 * MiB) + 5 }, // and the large one alone
        { "writer.io = bounded", 70, 2 * MiB },
        { "reader.mode = map, checksum = off, zero-detection = off", 4, (3 * MiB) + 1 },
    };

    [KernelTheory(Needs.Native | Needs.Strace)]
    [MemberData(nameof(Copies))]
    public void Every_file_is_synced_after_its_last_write_and_before_the_bundle_has_its_name(
        string settings, int smallCount, long denseBytes)
    {
        List<TracedCall> calls = Copy(settings, smallCount, denseBytes);
        TracedCall rename = Rename(calls);
        string[] files =
            [.. calls.Where(c => c.Name == "openat" && c.Arguments.Contains("O_CREAT", StringComparison.Ordinal))
                .Select(c => Strace.PathOf(c.Result))
                // The journal is never synced, and is removed when the bundle has its name.
                .Where(f => !f.EndsWith("/journal", StringComparison.Ordinal))];
        // And the receipt, and the file of checksums where there are any.
        int own = settings.Contains("checksum = off", StringComparison.Ordinal) ? 1 : 2;
        Assert.Equal(smallCount + 4 + own, files.Length);
        Dictionary<string, int> lastChange = LastChanges(calls);
        foreach (string file in files)
        {
            int changedAt = lastChange.GetValueOrDefault(file);
            Assert.True(
                calls.Any(c => IsSync(c, file) && c.Start > changedAt && c.End < rename.Start),
                $"{file} was changed at {changedAt} and not synced before {rename}");
        }

        // The errors of a large file are its own.
        if (denseBytes >= 16 * MiB)
            Assert.Contains(calls, c => c.Name == "fsync" && c.Path == files.Single(f => f.EndsWith("/dense")));
        // No write is in flight or begins later.
        Assert.All(lastChange, change => Assert.InRange(change.Value, 1, rename.Start - 1));
    }

    [KernelTheory(Needs.Native | Needs.Strace)]
    [MemberData(nameof(Copies))]
    public void Every_directory_is_synced_after_its_last_name_and_before_the_bundle_has_its_name(
        string settings, int smallCount, long denseBytes)
    {
        List<TracedCall> calls = Copy(settings, smallCount, denseBytes);
        EveryDirectoryIsSynced(calls, "files/d/e0");
    }

    [KernelFact(Needs.Native | Needs.Strace)]
    public void A_directory_that_is_closed_early_is_synced_before()
    {
        // More directories than stay open.
        string source = SourceFile.Dense(place.Source("a"), 10);
        string manifest = place.Manifest(
            [.. Enumerable.Range(0, 100).Select(i => Workspace.Entry(source, $"d{i:d2}/a"))]);
        string config = place.Config("bundle-copier.process.scheduling = keep");
        EveryDirectoryIsSynced(Run(["--manifest", manifest, "--config", config]), "files/d00");
    }

    [KernelFact(Needs.Native | Needs.Strace)]
    public void The_bundle_gets_its_name_by_one_rename_that_never_replaces_and_that_is_synced_before_the_end()
    {
        List<TracedCall> calls = Copy("", 4, 2 * MiB);
        TracedCall rename = Rename(calls);
        Assert.Contains("\".b.partial\"", rename.Arguments, StringComparison.Ordinal);
        Assert.Contains("RENAME_NOREPLACE", rename.Arguments, StringComparison.Ordinal);
        TracedCall end = calls.First(c => c.Name == "exit_group");
        Assert.True(
            calls.Any(c => c.Name == "fsync" && c.Path == place.Destination && c.Succeeded
                && c.Start > rename.End && c.End < end.Start),
            "The destination was not synced after the rename.");
    }

    [KernelFact(Needs.Native | Needs.Strace)]
    public void The_end_of_each_source_is_a_lease_and_then_a_look_at_its_times_before_it_is_closed()
    {
        List<TracedCall> calls = Copy("", 4, 2 * MiB);
        foreach (string source in Directory.GetFiles(place.Memory))
        {
            TracedCall[] own = [.. calls.Where(c => c.Path == source)];
            int readAt = own.Where(c => c.Name == "pread64").Select(c => c.End).DefaultIfEmpty().Max();
            TracedCall? lease = own.FirstOrDefault(
                c => c.Name == "fcntl" && c.Start > readAt && c.Succeeded
                && c.Arguments.Contains("F_SETLEASE, F_RDLCK", StringComparison.Ordinal)
                && own.Any(s => s.Name == "fstat" && s.Start > c.End
                    && !own.Any(o => o.Start > c.End && o.Start < s.Start)));
            string trace = string.Join('\n', own.AsEnumerable());
            Assert.True(lease is not null, $"{source}: no lease before the last look\n{trace}");
            Assert.Equal("close", own.Last().Name);
        }
    }

    private void EveryDirectoryIsSynced(List<TracedCall> calls, string known)
    {
        TracedCall rename = Rename(calls);
        var directories = calls
            .Where(c => c.Start < rename.Start
                && (c.Name == "mkdirat"
                || (c.Name == "openat" && c.Arguments.Contains("O_CREAT", StringComparison.Ordinal))))
            .GroupBy(c => c.Path, c => c.End)
            .Where(g => g.Key != place.Destination)
            .ToArray();
        Assert.Contains(Path.Combine(place.PartialPath, known), directories.Select(d => d.Key));
        foreach (IGrouping<string, int> directory in directories)
        {
            Assert.True(
                calls.Any(c => c.Name == "fsync" && c.Path == directory.Key && c.Succeeded
                    && c.Start > directory.Max() && c.End < rename.Start),
                $"{directory.Key} was not synced after its last name.");
        }

        log.WriteLine($"{directories.Length} directories");
    }

    private List<TracedCall> Copy(string settings, int smallCount, long denseBytes) =>
        Run(new MixedSources(place, denseBytes, smallCount).Copy(settings));

    private List<TracedCall> Run(string[] args)
    {
        string trace = Path.Combine(place.Disk, "trace");
        // -v: whole lists of writes.
        Ended.With(0, Strace.Start(trace, Traced, ["-v"], args).Wait());
        return Strace.Read(trace);
    }

    private static TracedCall Rename(List<TracedCall> calls) =>
        Assert.Single(calls, c => c.Name.StartsWith("renameat", StringComparison.Ordinal));

    private bool IsSync(TracedCall call, string file) =>
        call.Succeeded
        && ((call.Name is "fsync" && call.Path == file)
        || (call.Name == "syncfs" && call.Path.StartsWith(place.Destination, StringComparison.Ordinal)));

    /// <summary>Where in the trace the last change of each file has ended, by path.</summary>
    private static Dictionary<string, int> LastChanges(List<TracedCall> calls)
    {
        Dictionary<string, int> last = [];
        Dictionary<string, string> inFlight = []; // the path, by queue and tag
        IEnumerable<(int At, TracedCall Call)> events = calls
            .Select(c => (At: c.Name == "io_getevents" ? c.End : c.Start, Call: c)).OrderBy(e => e.At);
        foreach ((_, TracedCall call) in events)
        {
            string queue = call.Arguments.Split(',')[0];
            switch (call.Name)
            {
                case "pwrite64" or "pwritev2" or "ftruncate" or "fallocate":
                    last[call.Path] = Math.Max(last.GetValueOrDefault(call.Path), call.End);
                    break;
                case "io_submit":
                    MatchCollection writes = Submitted().Matches(call.Arguments);
                    Assert.Equal(call.Arguments.Split(", ")[1], $"{writes.Count}");
                    foreach (Match write in writes)
                        inFlight.Add($"{queue} {write.Groups["tag"].Value}", write.Groups["path"].Value);
                    break;
                case "io_getevents":
                    foreach (Match ended in EndedWrite().Matches(call.Arguments))
                    {
                        Assert.True(inFlight.Remove($"{queue} {ended.Groups["tag"].Value}", out string? path));
                        last[path] = call.End;
                    }

                    break;
            }
        }

        Assert.Empty(inFlight);
        return last;
    }

    [GeneratedRegex(@"aio_data=(?<tag>\w+),[^}]*?aio_fildes=\d+<(?<path>[^>]*)>")]
    private static partial Regex Submitted();

    [GeneratedRegex(@"data=(?<tag>\w+), obj=")]
    private static partial Regex EndedWrite();
}
