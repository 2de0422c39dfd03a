using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Plan;

/// <summary>
/// The processes of a manifest. Each is held from the listing to the end of the copy, so its number never means another
/// process. Synchronous; one caller at a time may add.
/// </summary>
/// <param name="kernel">The system that they run on.</param>
internal sealed class ProcessTable(IKernel kernel) : IDisposable
{
    private readonly Dictionary<int, IProcess> held = [];

    /// <summary>The process of a number.</summary>
    public Result<IProcess, Fault> Get(int pid)
    {
        if (held.TryGetValue(pid, out IProcess? known))
            return Result<IProcess, Fault>.Ok(known);
        if (!kernel.OpenProcess(pid).Try(out IProcess? process, out Errno error))
        {
            return error.Code == ESRCH
                ? new Fault(FaultKind.ProcessGone, error, $"process {pid}")
                : SourceScout.OpenFault(error) with { Detail = $"process {pid}" };
        }

        held.Add(pid, process);
        return Result<IProcess, Fault>.Ok(process);
    }

    public void Dispose()
    {
        foreach (IProcess process in held.Values)
            process.Dispose();
        held.Clear();
    }
}
