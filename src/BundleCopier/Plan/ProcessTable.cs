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

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            foreach (IProcess process in held.Values)
                process.Dispose();
            held.Clear();
        }
    }
}
