using System.Diagnostics;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A journal of systemd that only programs in its own mount namespace find, with an own <c>/run</c>. Disposing it ends
/// it.
/// </summary>
internal sealed class Journald : IDisposable
{
    private const string MessageId = "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1";
    private const string Program = "/lib/systemd/systemd-journald";

    // It must not read the kernel's log, or switch the kernel's audit on: both belong to the whole machine.
    private const string Script =
        """
        mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journald.conf.d &&
        printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n' > /run/systemd/journald.conf.d/test.conf &&
        printf '0123456789abcdef0123456789abcdef\n' > /run/machine-id && mount --bind /run/machine-id /etc/machine-id &&
        exec "$0"
        """;

    private readonly Process process;

    private Journald(Process process) => this.process = process;

    /// <summary>The command in front of a program that writes to this journal, or reads it.</summary>
    public string[] Before => ["nsenter", "--mount", $"--target={process.Id}", "--"];

    /// <summary>Why there is none here; null where there is one.</summary>
    public static string? Lack() =>
        !File.Exists(Program) ? $"{Program} is not installed: THE JOURNAL'S ENTRIES ARE NOT TESTED"
        : Tool.Find("coredumpctl") is null ? "coredumpctl is not installed: THE JOURNAL'S ENTRIES ARE NOT TESTED"
        : !File.Exists("/etc/machine-id") ? "There is no /etc/machine-id: THE JOURNAL'S ENTRIES ARE NOT TESTED"
        : null;

    public static Journald Start()
    {
        Process process = Process.Start("unshare", ["--mount", "--propagation=private", "sh", "-c", Script, Program]);
        Journald journal = new(process);
        string socket = $"/proc/{process.Id}/root/run/systemd/journal/socket";
        if (SpinWait.SpinUntil(() => process.HasExited || File.Exists(socket), Child.Patience) && !process.HasExited)
            return journal;
        journal.Dispose();
        throw new IOException("The journal does not start.");
    }

    /// <summary>Runs coredumpctl on this journal, and gives what it says.</summary>
    public string Coredumpctl(params string[] args) => Tool.Run(Before[0], [.. Before[1..], "coredumpctl", .. args]);

    /// <summary>Waits until the journal has so many crashes.</summary>
    public void AwaitCrashes(int count)
    {
        string[] command = [.. Before, "journalctl", "--quiet", "--output=cat", MessageId];
        SpinWait.SpinUntil(
            () => Tool.Run(command[0], command[1..])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Length >= count,
            Child.Patience);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
