using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// The filesystems of sources that do not answer. Once a call is taken for hung, other files of the same mount wait,
/// and once it is given up, they fail at once instead of hanging, too. The mount of a path is the longest that it
/// begins with. A filesystem in memory does not hang, so there only the file itself counts. The supervisor changes it;
/// any thread may ask.
/// </summary>
/// <param name="kernel">Knows the mounts.</param>
internal sealed class HungSources(IKernel kernel)
{
    private sealed record Hang(string Place, HungCall Call, Fault? Fault);

    private volatile Hang[] hangs = [];
    private IReadOnlyList<MountPoint> mounts = [];

    /// <summary>No filesystem is known to hang.</summary>
    public bool IsEmpty => hangs.Length == 0;

    /// <summary>A call is taken for hung, and may still return.</summary>
    public void Suspect(HungCall call)
    {
        if (mounts.Count == 0)
            mounts = kernel.MountPoints();
        hangs = [.. hangs, new Hang(PlaceOf(call.Subject), call, null)];
    }

    /// <summary>A call has returned.</summary>
    public void Clear(HungCall call) => hangs = [.. hangs.Where(hang => hang.Call != call)];

    /// <summary>A call is given up, and with it the filesystem.</summary>
    /// <param name="call">The call.</param>
    /// <param name="silentFor">How long it has been waited for, such as "30 s".</param>
    public Fault GiveUp(HungCall call, string silentFor)
    {
        string place = PlaceOf(call.Subject);
        Fault fault = Fault.Of(FaultKind.SourceHung, $"the filesystem of {place} did not answer for {silentFor}");
        hangs = [.. hangs.Where(hang => hang.Call != call), new Hang(place, call, fault)];
        return fault;
    }

    /// <summary>Why a source fails at once; null where it does not.</summary>
    public Fault? FaultOf(string path) => Find(path, static hang => hang.Fault is not null)?.Fault;

    /// <summary>A call on the filesystem of the path may hang, so further ones wait.</summary>
    public bool IsSuspect(string path) => FaultOf(path) is null && Find(path, static _ => true) is not null;

    /// <summary>
    /// Closes a file of a filesystem that is given up. That may hang, so it is left to the thread that hangs already.
    /// </summary>
    public void Leave(string path, IDisposable file)
    {
        if (Find(path, static hang => hang.Fault is not null) is not { } found || !found.Call.TryLeave(file))
            file.Dispose();
    }

    private Hang? Find(string path, Predicate<Hang> isWanted)
    {
        Hang[] all = hangs;
        if (all.Length == 0)
            return null;
        string place = PlaceOf(path);
        return Array.Find(all, hang => hang.Place == place && isWanted(hang));
    }

    private string PlaceOf(string path)
    {
        MountPoint? longest = null;
        foreach (MountPoint mount in mounts)
        {
            if (IsBelow(path, mount.Path) && mount.Path.Length >= (longest?.Path.Length ?? 0))
                longest = mount;
        }

        return longest is { IsInMemory: false } ? longest.Path : path;
    }

    private static bool IsBelow(string path, string mount) => mount == "/" || path == mount
        || (path.StartsWith(mount, StringComparison.Ordinal) && path[mount.Length] == '/');
}
