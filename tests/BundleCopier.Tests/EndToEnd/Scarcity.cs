using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Ways to leave the program with few threads or with little memory.</summary>
public enum Scarcity
{
    /// <summary>One thread, by its number, cannot be started at the first attempt.</summary>
    Moment,

    /// <summary>From one thread on, by its number, none can be started.</summary>
    From,

    /// <summary>The threads of a cgroup (pids.max; TasksMax= of systemd).</summary>
    Group,

    /// <summary>The threads of a user (RLIMIT_NPROC).</summary>
    User,

    /// <summary>The address space, in MiB (RLIMIT_AS).</summary>
    AddressSpace,

    /// <summary>The private memory, in MiB (RLIMIT_DATA).</summary>
    Data,
}

/// <summary>A cgroup with a limit of threads, of the version that the machine has (1 or 2).</summary>
internal sealed class PidsGroup : IDisposable
{
    private const string Version1 = "/sys/fs/cgroup/pids";
    private const string Version2 = "/sys/fs/cgroup";

    private readonly string path = Path.Combine(
        Directory.Exists(Version1) ? Version1 : Version2, $"bundlecopy-test-{Guid.NewGuid():N}"[..28]);

    public PidsGroup(int maxThreads)
    {
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "pids.max"), maxThreads.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The command in front of a program to run it in the group.</summary>
    public string[] Inside => ["sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(path, "cgroup.procs")];

    /// <summary>Null, or why no group can be made here.</summary>
    public static string? Lack()
    {
        try
        {
            using PidsGroup group = new(3);
            Tool.Run(group.Inside[0], [.. group.Inside[1..], "true"]);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"No cgroup for threads can be made here: {error.Message.ReplaceLineEndings(" ")}";
        }
    }

    public void Dispose() => SpinWait.SpinUntil(TryRemove, TimeSpan.FromSeconds(10));

    // A process that has ended stays in its group for a moment.
    private bool TryRemove()
    {
        try
        {
            Directory.Delete(path);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
