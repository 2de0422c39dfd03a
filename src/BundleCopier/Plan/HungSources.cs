using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>
/// The filesystems of sources that do not answer. Once a call is taken for hung, other files of the same filesystem
/// wait, and once it is given up, they fail at once instead of hanging, too. A filesystem in memory does not hang, so
/// there only the file itself counts. It also tells the scout that the copy ends early. The supervisor changes it; any
/// thread may ask.
/// </summary>
/// <param name="kernel">Knows the mounts.</param>
internal sealed class HungSources(IKernel kernel)
{
    /// <param name="Key">The same for all mounts of a filesystem.</param>
    /// <param name="Name">For people.</param>
    private sealed record Place(string Key, string Name);

    private sealed record Hang(Place Place, HungCall Call, Fault? Fault);

    private readonly Lock gate = new();

    // Mounts by path, as walks have found them: the text of a path with symbolic links leads to another mount.
    private readonly Dictionary<string, ulong> learned = [];
    private volatile Hang[] hangs = [];
    private volatile IReadOnlyList<MountPoint> mounts = [];
    private volatile Fault? stopCause;

    /// <summary>Why the copy ends early: nothing more is listed. Null when it does not.</summary>
    public Fault? StopCause
    {
        get => stopCause;
        set => stopCause = value;
    }

    /// <summary>No filesystem is known to hang.</summary>
    public bool IsEmpty => hangs.Length == 0;

    /// <summary>A source has been opened.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="walked">Where the walk has led.</param>
    public void Learn(string path, WalkMark walked) => Learn(path, walked.Mount, walked.ParentMount);

    /// <summary>A call is taken for hung, and may still return.</summary>
    public void Suspect(HungCall call)
    {
        // Each time anew: mounts come and go.
        mounts = kernel.MountPoints();
        // A walk that has not come to the last name hangs for all files of the directory.
        Learn(call.Subject, call.Mount, call.ParentMount == 0 ? call.Mount : call.ParentMount);
        hangs = [.. hangs, new Hang(PlaceOf(call.Subject), call, null)];
    }

    /// <summary>A call has returned.</summary>
    public void Clear(HungCall call) => hangs = [.. hangs.Where(hang => hang.Call != call)];

    /// <summary>A call is given up, and with it the filesystem.</summary>
    /// <param name="call">The call; it is suspect.</param>
    /// <param name="silentFor">How long it has been waited for, such as "30 s".</param>
    public Fault GiveUp(HungCall call, string silentFor)
    {
        Place place = hangs.First(hang => hang.Call == call).Place;
        Fault fault = Fault.Of(FaultKind.SourceHung, $"the filesystem of {place.Name} did not answer for {silentFor}");
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

    private void Learn(string path, ulong mount, ulong parentMount)
    {
        if (mount == 0)
            return;
        string parent = PathText.Parent(path);
        lock (gate)
        {
            if (parentMount != 0)
                learned[parent] = parentMount;
            // Most files are in the mount of their directory.
            if (parentMount != mount)
                learned[path] = mount;
        }
    }

    private Hang? Find(string path, Predicate<Hang> isWanted)
    {
        Hang[] all = hangs;
        if (all.Length == 0)
            return null;
        string key = PlaceOf(path).Key;
        return Array.Find(all, hang => hang.Place.Key == key && isWanted(hang));
    }

    /// <summary>
    /// The mount that a walk has found for the path or for a directory above it; otherwise the longest that the path
    /// begins with. A mount below a directory of a walk counts more than the walk.
    /// </summary>
    private Place PlaceOf(string path)
    {
        // A stream has no path.
        if (path.Length == 0 || path[0] != '/')
            return new Place(path, path);
        MountPoint? mount = null;
        foreach (MountPoint one in mounts)
        {
            if (IsBelow(path, one.Path) && one.Path.Length >= (mount?.Path.Length ?? 0))
                mount = one;
        }

        if (FindLearned(path, longerThan: mount?.Path.Length ?? 1) is { } id
            && mounts.FirstOrDefault(one => one.Id == id) is { } walked)
        {
            mount = walked;
        }

        return mount is { IsInMemory: false }
            ? new Place(mount.Device.Length > 0 ? mount.Device : mount.Path, mount.Path)
            : new Place(path, path);
    }

    private ulong? FindLearned(string path, int longerThan)
    {
        lock (gate)
        {
            for (string above = path; above.Length > longerThan; above = PathText.Parent(above))
            {
                if (learned.TryGetValue(above, out ulong id))
                    return id;
            }
        }

        return null;
    }

    private static bool IsBelow(string path, string mount) => mount == "/" || path == mount
        || (path.StartsWith(mount, StringComparison.Ordinal) && path[mount.Length] == '/');
}
