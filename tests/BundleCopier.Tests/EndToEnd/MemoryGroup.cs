using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A memory cgroup with a hard limit and no swap, of the version that the machine has (1 or 2). The kernel kills its
/// processes when they need more than the limit and nothing can be reclaimed. Memory that others allocated before is
/// not charged to it.
/// </summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Version1 = "/sys/fs/cgroup/memory";
    private const string Version2 = "/sys/fs/cgroup";

    private readonly bool isVersion2 = File.Exists(Path.Combine(Version2, "cgroup.controllers"));
    private readonly string path;

    public MemoryGroup(long limitBytes)
    {
        path = Path.Combine(isVersion2 ? Version2 : Version1, $"bundlecopy-test-{Guid.NewGuid():N}"[..28]);
        Directory.CreateDirectory(path);
        // Memory and swap together cannot be limited to less than memory alone, so memory comes first.
        Write(isVersion2 ? "memory.max" : "memory.limit_in_bytes", limitBytes);
        string swap = isVersion2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
        if (File.Exists(Path.Combine(path, swap))) // a kernel that does not count swap has no such file
            Write(swap, isVersion2 ? 0 : limitBytes);
    }

    /// <summary>
    /// The command in front of a program to run it in the group: a shell enters the group and then becomes the
    /// program.
    /// </summary>
    public string[] Inside =>
        ["env", "--default-signal=INT,TERM", "sh", "-c", "echo $$ > \"$0\" && exec \"$@\"",
        Path.Combine(path, "cgroup.procs")];

    /// <summary>How many processes the kernel has killed because of the limit.</summary>
    public long OomKills => Counter(isVersion2 ? "memory.events" : "memory.oom_control", "oom_kill");

    /// <summary>Shared memory that processes of the group allocated and that still exists.</summary>
    public long SharedBytes => Counter("memory.stat", "shmem");

    /// <summary>
    /// The most that was charged to the group, with page cache; 0 where the kernel does not tell (memory.peak exists
    /// since Linux 5.19).
    /// </summary>
    public long PeakBytes
    {
        get
        {
            string file = Path.Combine(path, isVersion2 ? "memory.peak" : "memory.max_usage_in_bytes");
            return File.Exists(file) ? Number(File.ReadAllText(file)) : 0;
        }
    }

    /// <summary>Null, or why no group can be made here.</summary>
    public static string? Lack()
    {
        string controllers = Path.Combine(Version2, "cgroup.subtree_control");
        if (File.Exists(controllers) ? !File.ReadAllText(controllers).Contains("memory", StringComparison.Ordinal)
            : !File.Exists(Path.Combine(Version1, "memory.limit_in_bytes")))
            return "There are no memory cgroups here.";
        try
        {
            using MemoryGroup group = new(64 << 20);
            Tool.Run(group.Inside[0], [.. group.Inside[1..], "true"]);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"No memory cgroup can be made here: {error.Message.ReplaceLineEndings(" ")}";
        }
    }

    public void Dispose()
    {
        foreach (string process in File.ReadAllLines(Path.Combine(path, "cgroup.procs")))
            Kernel.Signal(int.Parse(process, CultureInfo.InvariantCulture), Kernel.SigKill);
        // A killed process stays in its group for a moment.
        IOException? refusal = null;
        bool isGone = SpinWait.SpinUntil(() => (refusal = Remove()) is null, TimeSpan.FromSeconds(10));
        if (!isGone)
            throw refusal!;
    }

    private IOException? Remove()
    {
        try
        {
            Directory.Delete(path); // the kernel removes the files in it
            return null;
        }
        catch (IOException error)
        {
            return error;
        }
    }

    private long Counter(string file, string name)
    {
        string line = File.ReadLines(Path.Combine(path, file))
            .First(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return Number(line[name.Length..]);
    }

    private void Write(string file, long value) =>
        File.WriteAllText(Path.Combine(path, file), value.ToString(CultureInfo.InvariantCulture));

    private static long Number(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
