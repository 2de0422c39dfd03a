using BundleCopier.Tests.Elf;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The journal of systemd has each crash, and coredumpctl finds the cores in our bundles.</summary>
public sealed class JournalTests : IDisposable
{
    // PID, UID, GID, SIGNAL, TIME (2026-11-22T20:14:05Z), HOST, COMMAND. There is no such process.
    private static readonly string[] Crash =
        ["2147483647", "65534", "65534", "11", "1795378445", "node17", "my \x1b[2Jengine"];

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Journald)]
    public void Coredumpctl_lists_a_crash_and_dumps_its_core_byte_for_byte()
    {
        byte[] core = new CoreFile { DataBytes = 3 << 20 }.ToArray();
        using Journald journal = Journald.Start();
        string config = place.Config("bundle-copier.compression = lz4");
        Ended.With(0, Cli.Start(
            ["core", "--config", config, "--to", place.Destination, .. Crash], core, journal.Before).Wait());
        journal.AwaitCrashes(1);
        string listed = journal.Coredumpctl("list", "--no-legend");
        Assert.Matches(@" 2147483647 +65534 +65534 +SIGSEGV +present ", listed);
        string bundle = Path.Combine(place.Destination, Assert.Single(place.LeftInDestination));
        string told = journal.Coredumpctl("info", "2147483647");
        Assert.Contains($"Storage: {bundle}/files/core.lz4 (present)", told, StringComparison.Ordinal);
        Assert.Contains(@"PID: 2147483647 (my \u001b[2Jengine)", told, StringComparison.Ordinal);
        Assert.Contains("Timestamp: Sun 2026-11-22 20:14:05 UTC", told, StringComparison.Ordinal);
        Assert.Contains("Hostname: node17", told, StringComparison.Ordinal);
        string dumped = Path.Combine(place.Disk, "dumped");
        journal.Coredumpctl("dump", "--output", dumped, "2147483647");
        Assert.Equal(core, File.ReadAllBytes(dumped));
    }

    [KernelFact(Needs.Journald)]
    public void A_part_of_a_core_is_truncated_and_a_crash_without_a_bundle_has_no_file()
    {
        byte[] core = new CoreFile { DataBytes = 3 << 20 }.ToArray();
        using Journald journal = Journald.Start();
        string missing = Path.Combine(place.Disk, "missing");
        Ended.With(3, Cli.Start(["core", "--to", place.Destination, .. Crash], core[..^9], journal.Before).Wait());
        Ended.With(4, Cli.Start(["core", "--to", missing, "2147483646", .. Crash[1..]], core, journal.Before).Wait());
        journal.AwaitCrashes(2);
        Assert.Contains("(truncated)", journal.Coredumpctl("info", "2147483647"), StringComparison.Ordinal);
        string told = journal.Coredumpctl("info", "2147483646");
        Assert.Contains("Storage: none", told, StringComparison.Ordinal);
        Assert.Contains("of user 65534 crashed; its core is not saved: ", told, StringComparison.Ordinal);
        Assert.Contains(missing, told, StringComparison.Ordinal);
    }
}
