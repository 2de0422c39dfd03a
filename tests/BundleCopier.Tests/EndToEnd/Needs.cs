using System.Diagnostics;
using BundleCopier.Model;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>What a test needs from the machine.</summary>
[Flags]
internal enum Needs
{
    None = 0,

    /// <summary>Root: mounts, other users, device nodes.</summary>
    Root = 1,

    /// <summary>A loop device and ext4.</summary>
    Loop = 2,

    /// <summary>A second user that can run the program.</summary>
    Nobody = 4,

    /// <summary>10 GiB of memory.</summary>
    MuchMemory = 8,

    Xfs = 16,
    Btrfs = 32,
    Gcore = 64,
    Overlay = 128,

    /// <summary>The stock lz4 program.</summary>
    Lz4 = 256,

    /// <summary>The native program, and not the managed one.</summary>
    Native = 512,

    /// <summary>To make the kernel take pages of another process back.</summary>
    TakeBack = 1024,

    /// <summary>Root and memory cgroups, of version 1 or 2.</summary>
    MemoryGroup = 2048,

    /// <summary>4 GiB of shared memory, 3 GiB of memory besides, and 5 GiB of disk.</summary>
    LargeSource = 4096,

    /// <summary>A machine with 16 to 64 GiB of memory, nearly all of it free, and no swap; root.</summary>
    Scarcity = 8192,

    /// <summary>Direct writes to the disk, several in flight from one thread.</summary>
    DirectWrites = 16384,

    /// <summary>strace, and a kernel and a sandbox that let it change the results of system calls.</summary>
    Strace = 32768,

    /// <summary>A C compiler and FUSE, for a disk that forgets what was not flushed.</summary>
    ForgetfulDisk = 65536,

    /// <summary>Root and cgroups for threads, of version 1 or 2.</summary>
    PidsGroup = 131072,

    /// <summary>A C compiler.</summary>
    Compiler = 16777216,

    /// <summary>The native program, and kernel.core_pattern to set: real crashes.</summary>
    CorePattern = 262144,

    /// <summary>Root and huge pages (hugetlbfs) of 2 MiB.</summary>
    HugePages = 524288,

    /// <summary>Root, the journal of systemd, and coredumpctl.</summary>
    Journald = 33554432,

    /// <summary>Real crashes, on a kernel with the coredump socket of Linux 6.17.</summary>
    CoreSocket = 67108864,

    /// <summary>PostgreSQL 15, as Debian has it.</summary>
    Postgres = 134217728,
}

/// <summary>A fact on the real kernel, which is skipped, with the reason, where the machine lacks something.</summary>
internal sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(Needs needs = Needs.None) => Skip = Machine.Lacks(needs);
}

/// <summary>
/// A theory on the real kernel, which is skipped, with the reason, where the machine lacks something.
/// </summary>
internal sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute(Needs needs = Needs.None) => Skip = Machine.Lacks(needs);
}

/// <summary>What this machine can do; tried once.</summary>
internal static class Machine
{
    private const long GiB = 1L << 30;
    private const long MuchMemoryBytes = 10 * GiB;

    private static readonly Lazy<string?> Nobody = new(WithoutNobody);
    private static readonly Lazy<string?> Loop = new(WithoutLoop);
    private static readonly Lazy<string?> Injection = new(() => Without("strace") ?? Strace.Lack());
    private static readonly Lazy<string?> Forgetting = new(() => Loop.Value ?? Without("cc") ?? ForgetfulDisk.Lack());
    private static readonly Lazy<string?> MemoryCgroup = new(() => WithoutRoot() ?? MemoryGroup.Lack());

    private static readonly Lazy<string?> PidsCgroup = new(() => WithoutRoot() ?? PidsGroup.Lack());

    private static readonly Lazy<string?> HugeMemory = new(HugePages.Lack);

    private static readonly Lazy<string?> DirectWrites = new(WithoutDirectWrites);

    /// <summary>Null, or what is missing.</summary>
    public static string? Lacks(Needs needs)
    {
        (Needs Need, Func<string?> Lack)[] questions =
        [
            (Needs.None, WithoutDirectories),
            (Needs.Root, WithoutRoot),
            (Needs.Loop, () => Loop.Value),
            (Needs.Nobody, () => Nobody.Value),
            (Needs.MuchMemory, WithoutMuchMemory),
            (Needs.Xfs, () => Without("mkfs.xfs")),
            (Needs.Btrfs, () => Without("mkfs.btrfs")),
            (Needs.Gcore, () => Without("gcore")),
            (Needs.Overlay, WithoutOverlay),
            (Needs.Lz4, () => Without("lz4")),
            (Needs.Native, WithoutNative),
            (Needs.TakeBack, WithoutTakeBack),
            (Needs.MemoryGroup, () => MemoryCgroup.Value),
            (Needs.LargeSource, WithoutLargeSource),
            (Needs.Scarcity, WithoutScarcity),
            (Needs.DirectWrites, () => DirectWrites.Value),
            (Needs.Strace, () => Injection.Value),
            (Needs.ForgetfulDisk, () => Forgetting.Value),
            (Needs.PidsGroup, () => PidsCgroup.Value),
            (Needs.Compiler, () => Without("cc")),
            (Needs.CorePattern, () => WithoutRoot() ?? WithoutNative() ?? Without("cc") ?? CorePattern.Lack()),
            (Needs.CoreSocket, WithoutCoreSocket),
            (Needs.Postgres, () => Postgres.Lack() ?? Nobody.Value),
            (Needs.Journald, () => WithoutRoot() ?? Journald.Lack()),
            (Needs.HugePages, () => WithoutRoot() ?? HugeMemory.Value),
        ];
        return questions.Where(q => needs.HasFlag(q.Need)).Select(q => q.Lack()).FirstOrDefault(l => l is not null);
    }

    public static long MemInfoBytes(string key) =>
        long.Parse(
            File.ReadLines("/proc/meminfo").First(l => l.StartsWith(key + ":", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;

    private static string? WithoutDirectories()
    {
        if (!Directory.Exists(Workspace.MemoryRoot) || !Kernel.IsInMemory(Workspace.MemoryRoot))
            return $"{Workspace.MemoryRoot} is no tmpfs.";
        return !Directory.Exists(Workspace.DiskRoot)
            || Kernel.IsInMemory(Workspace.DiskRoot) ? $"{Workspace.DiskRoot} is not on a disk." : null;
    }

    private static string? WithoutRoot() => Environment.UserName == "root" ? null : "Only root can do this.";

    private static string? WithoutOverlay() =>
        WithoutRoot()
            ?? (File.ReadAllText("/proc/filesystems").Contains("overlay", StringComparison.Ordinal) ? null
            : "The kernel has no overlayfs.");

    private static string? Without(string program) =>
        Tool.Find(program) is null ? $"{program} is not installed." : null;

    private static string? WithoutCoreSocket() => Environment.OSVersion.Version < new Version(6, 17)
        ? "The kernel has no coredump socket (Linux 6.17): CORES BY SOCKET ARE NOT TESTED"
        : Lacks(Needs.CorePattern);

    private static string? WithoutNative() =>
        Cli.Native is null ? $"Only the native program can show this, and {Cli.NativeVariable} names none." : null;

    private static string? WithoutTakeBack()
    {
        using Process other = Process.Start("sleep", "60");
        try
        {
            return Kernel.TakeBack(other.Id, 0, 0) ? null : "process_madvise takes nothing back.";
        }
        catch (IOException error)
        {
            return $"Pages of another process cannot be taken back: {error.Message}";
        }
        finally
        {
            other.Kill();
        }
    }

    private static string? WithoutMuchMemory() =>
        MemInfoBytes("MemAvailable") < MuchMemoryBytes ? "There is less than 10 GiB of memory available." : null;

    private static string? WithoutLargeSource() =>
        MemInfoBytes("MemAvailable") < 7 * GiB ? "There is less than 7 GiB of memory available."
        : FreeBytes(Workspace.MemoryRoot) < 4 * GiB ? $"{Workspace.MemoryRoot} has less than 4 GiB left."
        : FreeBytes(Workspace.DiskRoot) < 5 * GiB ? $"{Workspace.DiskRoot} has less than 5 GiB left."
        : null;

    private static string? WithoutDirectWrites()
    {
        if (!LinuxKernel.Instance.OpenDirectory(Workspace.DiskRoot).Try(out IDirectory? directory, out Errno error))
            return $"{Workspace.DiskRoot} cannot be opened: {error.Name}. WRITES IN FLIGHT ARE NOT TESTED";
        using (directory)
        {
            if (!directory.ProbeOutputIo().Try(out DestinationTraits? traits, out _) || traits.Io != OutputIo.Direct)
                return $"{Workspace.DiskRoot} has no direct I/O: WRITES IN FLIGHT ARE NOT TESTED";
        }

        using IWriteQueue? queue = LinuxKernel.Instance.OpenWriteQueue(2, signal: null);
        return queue is null ? "The kernel gives no queue of writes: WRITES IN FLIGHT ARE NOT TESTED" : null;
    }

    private static string? WithoutScarcity()
    {
        const long MaxUsedBytes = 3 * GiB;
        long totalBytes = MemInfoBytes("MemTotal");
        return WithoutRoot() ?? Without("bash")
            ?? (totalBytes is < 15 * GiB or > 64 * GiB ? "Only a machine of 16 to 64 GiB is filled up."
            : MemInfoBytes("SwapTotal") > 0 ? "There is swap, so memory that is full is not scarce."
            : totalBytes - MemInfoBytes("MemAvailable") > MaxUsedBytes
                ? "Others use more than 3 GiB of memory, and might be killed where it is filled up."
            : FreeBytes(Workspace.MemoryRoot) < 8 * GiB ? $"{Workspace.MemoryRoot} has less than 8 GiB left."
            : FreeBytes(Workspace.DiskRoot) < 9 * GiB ? $"{Workspace.DiskRoot} has less than 9 GiB left."
            : null);
    }

    private static long FreeBytes(string directory) => new DriveInfo(directory).AvailableFreeSpace;

    private static string? WithoutNobody()
    {
        if ((WithoutRoot() ?? Without("setpriv")) is { } reason)
            return reason;
        CliResult result = Cli.RunAsNobody("--version");
        return result.ExitCode == 0 ? null
            : $"User {Cli.NobodyId} cannot run the program: {result.Errors.ReplaceLineEndings(" ")}";
    }

    private static string? WithoutLoop()
    {
        if ((WithoutRoot() ?? Without("mkfs.ext4") ?? Without("losetup")) is { } reason)
            return reason;
        try
        {
            using Workspace place = new();
            place.Mount("ext4", 16 << 20);
            return null;
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            return $"No filesystem can be mounted here: {error.Message.ReplaceLineEndings(" ")}";
        }
    }
}
