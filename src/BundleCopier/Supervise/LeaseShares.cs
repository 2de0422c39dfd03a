using BundleCopier.Faults;
using BundleCopier.Memory;

namespace BundleCopier.Supervise;

/// <summary>
/// Which file may take a lease. A read from a disk or a server may hang, and keeps its lease then; other files need
/// leases, too. Pure.
/// </summary>
/// <param name="pool">The leases.</param>
internal sealed class LeaseShares(SlabPool pool)
{
    private const int MaxLeasesThatMayHang = 3;

    // A stream whose writer is slow keeps its leases while it waits for bytes. Beside other files it gets a quarter of
    // all.
    private const int StreamShare = 4;

    /// <summary>A segment of the file waits, and may take a lease of those that are free.</summary>
    /// <param name="file">The file. It ends where no lease for it will ever come back.</param>
    /// <param name="files">All files that are being copied.</param>
    public bool CanStart(FileSegments file, List<FileSegments> files)
    {
        if (file.Pending == 0 || !HasLeasesFor(file))
            return false;
        if (file.Source.Stream is not null)
            return files.Count == 1 || file.InFlight < Math.Max(1, pool.Capacity / StreamShare);
        if (!file.Source.CanHang)
            return true;
        int leases = 0;
        foreach (FileSegments one in files)
            leases += one.Source.CanHang ? one.InFlight : 0;
        return leases < Math.Max(1, Math.Min(MaxLeasesThatMayHang, pool.Capacity / 2));
    }

    private bool HasLeasesFor(FileSegments file)
    {
        if (pool.Capacity >= (file.Source.IsCompressed ? 2 : 1))
            return true;
        file.Stop(Fault.Of(FaultKind.SourceHung, "reads that hang keep the memory of the budget"));
        return false;
    }
}
