using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// The processes of a manifest. Each is held from the listing to the end of the copy, so its number never means another
/// process. For any thread: a listing that hangs may go on beside the one that was begun anew.
/// </summary>
/// <param name="kernel">The system that they run on.</param>
internal sealed class ProcessTable(IKernel kernel) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, IProcess> held = [];
    private readonly HashSet<(int Pid, ulong Start, ulong End)> heldMappings = [];
    private readonly HashSet<ISourceFile> heldFiles = new(ReferenceEqualityComparer.Instance);
    private bool isDisposed;

    /// <summary>The process of a number.</summary>
    public Result<IProcess, Fault> Get(int pid)
    {
        lock (gate)
        {
            if (held.TryGetValue(pid, out IProcess? known))
                return Result<IProcess, Fault>.Ok(known);
        }

        // Without the lock, because the call may hang.
        if (!kernel.OpenProcess(pid).Try(out IProcess? process, out Errno error))
        {
            return error.Code == ESRCH
                ? new Fault(FaultKind.ProcessGone, error, $"process {pid}")
                : SourceScout.OpenFault(error) with { Detail = $"process {pid}" };
        }

        lock (gate)
        {
            if (!isDisposed && held.TryAdd(pid, process))
                return Result<IProcess, Fault>.Ok(process);
            process.Dispose();
            return held.TryGetValue(pid, out IProcess? other)
                ? Result<IProcess, Fault>.Ok(other)
                : new Fault(FaultKind.ProcessGone, new Errno(ESRCH), $"process {pid}");
        }
    }

    /// <summary>
    /// Keeps a file of a process open, until it is taken (<see cref="TryTake"/>) or this is disposed.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="mappings">Where processes have mapped it.</param>
    public void Hold(ISourceFile file, IEnumerable<(int Pid, ulong Start, ulong End)> mappings)
    {
        lock (gate)
        {
            if (isDisposed || !heldFiles.Add(file))
            {
                file.Dispose();
                return;
            }

            heldMappings.UnionWith(mappings);
        }
    }

    /// <summary>Takes a file that was held. False where it was taken already, or closed.</summary>
    public bool TryTake(ISourceFile file)
    {
        lock (gate)
            return heldFiles.Remove(file);
    }

    /// <summary>A process has a mapping at these addresses whose file is or was held.</summary>
    public bool Holds(int pid, ulong start, ulong end)
    {
        lock (gate)
            return heldMappings.Contains((pid, start, end));
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            foreach (ISourceFile file in heldFiles)
                file.Dispose();
            heldFiles.Clear();
            foreach (IProcess process in held.Values)
                process.Dispose();
            held.Clear();
        }
    }
}
