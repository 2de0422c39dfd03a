using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Native;

/// <summary>A process that the kernel is dumping.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="UserId">Its real user.</param>
/// <param name="GroupId">Its real group.</param>
/// <param name="Name">Its name, which it may have chosen itself (proc_pid_comm(5)).</param>
/// <param name="Executable">The path of its program; null where the kernel does not tell.</param>
/// <param name="Group">Its control group, which systemd names after its unit; empty where the kernel does not tell.
/// </param>
internal sealed record DumpedProcess(
    int ProcessId, uint UserId, uint GroupId, string Name, string? Executable, string Group)
{
    /// <summary>The signal; null where only the core tells.</summary>
    public int? Signal { get; init; }

    /// <summary>Asks procfs about a process.</summary>
    public static DumpedProcess Of(int processId, uint userId, uint groupId)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        return new DumpedProcess(
            processId,
            userId,
            groupId,
            FirstLine($"{directory}/comm"),
            ProcessLink.ExecutableOf(processId),
            FirstLine($"{directory}/cgroup"));
    }

    private static string FirstLine(string path) =>
        InputFileOpener.ReadLines(path).Try(out IReadOnlyList<string>? lines, out _) && lines.Count > 0 ? lines[0] : "";
}

/// <summary>
/// A core that can be had. Its process waits in the kernel until the core is read, or this is disposed.
/// </summary>
internal abstract class CoreOffer(DumpedProcess process) : IDisposable
{
    public DumpedProcess Process => process;

    /// <summary>
    /// Takes the core. The descriptor, from which it is read to its end, belongs to the caller then.
    /// </summary>
    public abstract IoResult<SafeFileHandle> Accept();

    /// <summary>Lets the process go; after <see cref="Accept"/> this does nothing.</summary>
    public abstract void Reject();

    public abstract void Dispose();
}

/// <summary>A core that the kernel writes into a pipe (core(5)), which another process has given to this one.</summary>
internal sealed class CorePipe(FileHandle pipe, DumpedProcess process) : CoreOffer(process)
{
    public override IoResult<SafeFileHandle> Accept() =>
        IoResult<SafeFileHandle>.Ok(new SafeFileHandle(pipe.TakeOver(), ownsHandle: true));

    public override void Reject() => pipe.Dispose();

    public override void Dispose() => pipe.Dispose();
}
