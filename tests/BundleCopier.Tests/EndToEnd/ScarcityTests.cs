using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// With too few threads, or too little memory for them, a copy ends with its bundle or with a sentence and exit code 4.
/// It never hangs, and the runtime never aborts it. <c>scripts/fuzz --scarcity</c> tries each amount.
/// </summary>
[Trait("Program", "native")]
public sealed class ScarcityTests(ITestOutputHelper output) : IDisposable
{
    // Below these, the kernel cannot load the program: execve(2) ends it with SIGSEGV.
    private const int MinAddressSpaceMiB = 40;
    private const int MinDataMiB = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    /// <summary>The numbers are those of the finalizer's thread, of signals, of dispatchers and of workers.</summary>
    [KernelTheory(Needs.Native | Needs.Strace)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(9)]
    public void A_thread_that_cannot_be_started_for_a_moment_costs_nothing(int number)
    {
        Prepare();
        Ended.Committed(0, place, Copy(Scarcity.Moment, number));
    }

    [KernelTheory(Needs.Native | Needs.Strace)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(12)]
    public void Where_no_more_threads_can_be_started_a_copy_ends_with_a_sentence_or_with_its_bundle(int number) =>
        EndsTrue(Scarcity.From, number);

    [KernelTheory(Needs.Native | Needs.PidsGroup)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(13)]
    public void With_few_threads_in_its_cgroup_a_copy_ends_with_a_sentence_or_with_its_bundle(int maxThreads) =>
        EndsTrue(Scarcity.Group, maxThreads);

    [KernelTheory(Needs.Native | Needs.Nobody)]
    [InlineData(Scarcity.User, 4)]
    [InlineData(Scarcity.User, 9)]
    [InlineData(Scarcity.AddressSpace, 64)]
    [InlineData(Scarcity.AddressSpace, 128)]
    [InlineData(Scarcity.AddressSpace, 256)]
    [InlineData(Scarcity.Data, 12)]
    [InlineData(Scarcity.Data, 32)]
    [InlineData(Scarcity.Data, 64)]
    public void With_little_memory_or_few_threads_a_copy_ends_with_a_sentence_or_with_its_bundle(
        Scarcity kind, int amount) => EndsTrue(kind, amount);

    /// <summary>Set BUNDLECOPY_FUZZ_SCARCITY.</summary>
    [KernelFact(Needs.Native | Needs.Strace | Needs.PidsGroup | Needs.Nobody)]
    public void With_each_amount_that_the_fuzz_script_asks_for()
    {
        if (Fuzz.Number("SCARCITY") is null)
            return;
        List<string> failures = [];
        foreach ((Scarcity kind, int first, int last, int step) in ((Scarcity, int, int, int)[])
            [
                (Scarcity.Moment, 1, 24, 1), (Scarcity.From, 1, 24, 1), (Scarcity.Group, 1, 24, 1),
                (Scarcity.User, 1, 24, 1), (Scarcity.AddressSpace, MinAddressSpaceMiB, 512, 8),
                (Scarcity.Data, MinDataMiB, 128, 2),
            ])
        {
            for (int amount = first; amount <= last; amount += step)
            {
                try
                {
                    EndsTrue(kind, amount);
                }
                catch (Exception error) when (error is XunitException or TimeoutException)
                {
                    failures.Add($"{kind} {amount}: {error.Message}");
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private void EndsTrue(Scarcity kind, int amount)
    {
        Prepare();
        CliResult result = Copy(kind, amount);
        output.WriteLine($"{kind} {amount}: exit {result.ExitCode}");
        if (result.ExitCode == 0)
        {
            Ended.Committed(0, place, result);
            return;
        }

        Ended.With(4, result);
        Assert.Contains("bundlecopy: ", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("b", place.LeftInDestination);
    }

    private void Prepare()
    {
        if (!File.Exists(place.Source("a")))
            SourceFile.Dense(place.Source("a"), (3 << 20) + 5);
        foreach (string name in place.LeftInDestination)
            Directory.Delete(Path.Combine(place.Destination, name), recursive: true);
    }

    private CliResult Copy(Scarcity kind, int amount)
    {
        if (kind == Scarcity.User)
            Tool.Run("chown", "-R", $"{Cli.NobodyId}", place.Disk, place.Memory);
        string[] args = ["--manifest", place.Manifest(place.Source("a"))];
        using PidsGroup? group = kind == Scarcity.Group ? new PidsGroup(amount) : null;
        string[] before = kind switch
        {
            Scarcity.Moment => Failing($"{amount}"),
            Scarcity.From => Failing($"{amount}+"),
            Scarcity.Group => group!.Inside,
            Scarcity.User => [.. Cli.AsNobody, "prlimit", $"--nproc={amount}"],
            Scarcity.AddressSpace => ["prlimit", $"--as={(long)amount << 20}"],
            _ => ["prlimit", $"--data={(long)amount << 20}"],
        };
        CliResult result = Cli.Start(args, before: before, patience: Patience).Wait();
        if (kind == Scarcity.User)
            Tool.Run("chown", "-R", "0", place.Disk, place.Memory);
        return result;
    }

    private static string[] Failing(string which) =>
    [
        "strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=clone3", "-e", "signal=none",
        "-e", $"inject=clone3:error=EAGAIN:when={which}", "--",
    ];
}
