using System.Collections.Concurrent;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Each system call that a copy makes for its work fails, once and from some call on. The faults are made by strace(1),
/// for the native program on the real kernel. <c>scripts/fuzz --syscalls</c> tries every error at every place.
/// </summary>
[Trait("Program", "native")]
public sealed class SystemCallFaultTests(ITestOutputHelper output) : IDisposable
{
    // By the kind of copy, and whether calls are counted that the runtime makes, too.
    private static readonly ConcurrentDictionary<(string, bool), Dictionary<string, int>> Counts = new();

    private readonly ConcurrentBag<Workspace> places = [];

    public static TheoryData<string> Calls => [.. FailingCall.All.Select(c => c.Name)];

    public void Dispose()
    {
        foreach (Workspace place in places)
            place.Dispose();
    }

    [KernelTheory(Needs.Native | Needs.Strace)]
    [MemberData(nameof(Calls))]
    public void A_system_call_that_fails_ends_in_a_bundle_that_is_true_or_in_none(string name) =>
        TryAll(FailingCall.All.Single(c => c.Name == name), SystemCallFault.Sample);

    /// <summary>
    /// Set BUNDLECOPY_FUZZ_SYSCALLS to the name of a call, or to "all".
    /// </summary>
    [KernelFact(Needs.Native | Needs.Strace)]
    public void Every_error_of_every_call_that_the_fuzz_script_asks_for()
    {
        if (Environment.GetEnvironmentVariable("BUNDLECOPY_FUZZ_SYSCALLS") is not { Length: > 0 } wanted)
            return;
        foreach (FailingCall call in FailingCall.All.Where(c => wanted == "all" || wanted == c.Name))
            TryAll(call, SystemCallFault.Every);
    }

    private void TryAll(FailingCall call, Func<FailingCall, string, int, IEnumerable<SystemCallFault>> faultsOf)
    {
        ConcurrentBag<string> failures = [];
        int runs = 0;
        int reached = 0;
        foreach (string copy in call.Copies.Split(' '))
        {
            int count = CountCalls(call, copy);
            Assert.True(count > 0, $"A {copy} copy makes no {call.Name}.");
            Parallel.ForEach(
                faultsOf(call, copy, count),
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                () => new Attempt(Take(), copy),
                (fault, _, attempt) =>
                {
                    Interlocked.Increment(ref runs);
                    try
                    {
                        if (attempt.Run(fault))
                            Interlocked.Increment(ref reached);
                    }
                    catch (Exception error) when (error is XunitException or IOException)
                    {
                        failures.Add($"{fault}: {error.Message}");
                        attempt.StartOver();
                    }

                    return attempt;
                },
                _ => { });
        }

        output.WriteLine($"{call.Name}: {runs} copies, {reached} with a fault");
        Assert.True(failures.IsEmpty, $"{failures.Count} of {runs}:\n{string.Join("\n\n", failures.Order())}");
        // Checks the test itself. Which thread makes which call, and how often, depends on the machine's other load.
        Assert.True(reached > 0, $"None of {runs} copies met the fault.");
    }

    /// <summary>How many such calls a thread makes at most, in a copy without a fault.</summary>
    private int CountCalls(FailingCall call, string copy) =>
        Counts.GetOrAdd((copy, call.OfTheRuntime), _ => new Attempt(Take(), copy).Count(call.OfTheRuntime))
            .GetValueOrDefault(call.Name);

    private Workspace Take()
    {
        Workspace place = new();
        places.Add(place);
        return place;
    }

    /// <summary>A place where one copy after the other meets a fault.</summary>
    private sealed class Attempt
    {
        private const int ManyFiles = 70; // more than are synced one by one

        private readonly Workspace place;
        private readonly MixedSources sources;
        private readonly string[] args;
        private readonly string trace;
        private readonly bool isStale;

        public Attempt(Workspace place, string copy)
        {
            this.place = place;
            isStale = copy == "stale";
            sources = new MixedSources(place, smallCount: copy == "many" ? ManyFiles : 4);
            args = sources.Copy(FailingCall.SettingsOf(copy), lowersThreads: copy == "lowered");
            trace = Path.Combine(place.Disk, "trace");
        }

        public Dictionary<string, int> Count(bool ofTheRuntime)
        {
            Prepare();
            IEnumerable<string> names =
                FailingCall.All.Where(c => c.OfTheRuntime == ofTheRuntime).Select(c => c.Name);
            Ended.With(0, Strace.Start(trace, names, Filter(ofTheRuntime), args).Wait());
            return Strace.Read(trace)
                .GroupBy(c => (c.Thread, c.Name))
                .GroupBy(g => g.Key.Name, g => g.Count())
                .ToDictionary(g => g.Key, g => g.Max());
        }

        /// <summary>Copies with the fault, and once more without it. False when no call met the fault.</summary>
        public bool Run(SystemCallFault fault)
        {
            Prepare();
            string[] options = [.. Filter(fault.Call.OfTheRuntime), "-e", fault.Injection];
            CliResult result = Strace.Start(trace, [fault.Call.Name], options, args).Wait();
            sources.EndedTrue(result);
            bool isReached = File.ReadAllText(trace).Contains("(INJECTED)", StringComparison.Ordinal);
            Assert.False(isReached && fault.LosesWrites && result.ExitCode == 0, $"It is called complete: {result}");
            if (result.ExitCode != 0)
            {
                if (result.ExitCode == 3)
                    Directory.Delete(place.BundlePath, recursive: true);
                CliResult again = Cli.Run(args);
                Assert.True(again.ExitCode == 0, $"The next copy fails, too: {again}\nafter {result}");
            }

            StartOver();
            return isReached;
        }

        public void StartOver()
        {
            foreach (string path in new[] { place.BundlePath, place.PartialPath }.Where(Directory.Exists))
                Directory.Delete(path, recursive: true);
        }

        // What a killed copy leaves.
        private void Prepare()
        {
            if (!isStale)
                return;
            string files = Workspace.MakePrivate(Path.Combine(Workspace.MakePrivate(place.PartialPath), "files"));
            File.WriteAllText(Path.Combine(place.PartialPath, "receipt.json"), "");
            foreach (string old in new[] { "dense", "d/old" })
            {
                string path = Path.Combine(files, old);
                Workspace.MakePrivate(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, "old");
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // as a copy makes it
            }
        }

        // strace -P: only calls that name one of these paths, or a descriptor of one.
        private string[] Filter(bool ofTheRuntime)
        {
            if (!ofTheRuntime)
                return [];
            IEnumerable<string> sourcePaths = Directory.EnumerateFiles(place.Memory);
            string partial = place.PartialPath;
            string files = Path.Combine(partial, "files");
            IEnumerable<string> outputs =
                sourcePaths.Select(s => Path.Combine(files, Path.GetFileName(s)))
                .Concat(["text.lz4", "d", "d/empty", "d/e0", "d/e1", "d/e2"]).Select(n => Path.Combine(files, n));
            string[] paths =
            [
                "/", "/dev", Workspace.MemoryRoot, place.Memory, .. sourcePaths, Workspace.DiskRoot, place.Disk,
                place.Destination, partial, Path.Combine(partial, "receipt.json"), files, .. outputs, place.BundlePath,
            ];
            return [.. paths.SelectMany(p => new[] { "-P", p })];
        }
    }
}
