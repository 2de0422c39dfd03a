using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcSecurity;

namespace BundleCopier.Native;

/// <summary>
/// A set of rules of landlock(7): nothing is written, made, renamed or removed except below one directory, no program
/// is executed, no TCP connection is made, and no signal goes to another process. Where the directories of all sources
/// are known, nothing else is read. A thread that is restricted stays so, and so do the threads that it starts.
/// </summary>
internal sealed unsafe class Landlock : IDisposable
{
    /// <summary>
    /// The first version of which the rules cover truncate(2): Linux 6.2. Version 1 also forbids to link a file into
    /// another directory.
    /// </summary>
    private const int MinVersion = 3;

    private const ulong Below =
        LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_REFER
        | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
        | LANDLOCK_ACCESS_FS_REMOVE_DIR;

    private const ulong Reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

    private const ulong Nowhere =
        LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SOCK
        | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM;

    private readonly FileHandle rules;

    private Landlock(FileHandle rules) => this.rules = rules;

    /// <summary>The version of the kernel's interface; 0 where there is none.</summary>
    public static int Version => (int)Math.Max(
        0, landlock(SYS_landlock_create_ruleset, 0, 0, (nint)LANDLOCK_CREATE_RULESET_VERSION, 0));

    public static bool IsSupported => Version >= MinVersion;

    /// <summary>Makes the rules.</summary>
    /// <param name="writable">The directory below which the thread may write; null for none.</param>
    /// <param name="readable">
    /// What the thread may read beside that: directories with everything below them, and files. Null where reading is
    /// not limited.
    /// </param>
    /// <param name="mayExecute">True when the thread may execute programs.</param>
    public static IoResult<Landlock> Create(
        FileHandle? writable, IReadOnlyList<FileHandle>? readable, bool mayExecute)
    {
        int version = Version;
        ulong reading = readable is null ? 0 : Reading;
        LandlockRuleset handled = new()
        {
            HandledFiles = Below | Nowhere | reading | (mayExecute ? 0 : LANDLOCK_ACCESS_FS_EXECUTE)
                | (version >= 5 ? LANDLOCK_ACCESS_FS_IOCTL_DEV : 0),
            HandledNetwork = version >= 4 ? LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP : 0,
            // Before Linux 6.15 the threads of one process could then not signal each other, and the runtime stops
            // threads by a signal.
            Scoped = (version >= 6 ? LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET : 0)
                | (version >= 7 ? LANDLOCK_SCOPE_SIGNAL : 0),
        };
        nint made = landlock(SYS_landlock_create_ruleset, (nint)(&handled), sizeof(LandlockRuleset), 0, 0);
        int error = Marshal.GetLastPInvokeError();
        if (made < 0)
            return IoResult<Landlock>.Failed(error);
        Landlock rules = new(new FileHandle((int)made));
        IoResult added = writable is null ? IoResult.Done : rules.Allow(writable, Below | reading);
        foreach (FileHandle place in readable ?? [])
            added = added.IsOk ? rules.AllowReading(place) : added;
        if (added.IsOk)
            return IoResult<Landlock>.Ok(rules);
        rules.Dispose();
        return IoResult<Landlock>.Failed(added.Error);
    }

    /// <summary>Restricts the calling thread. It must have no_new_privs already.</summary>
    public IoResult RestrictThisThread()
    {
        using FileHandle.Loan loan = rules.Borrow();
        nint result = landlock(SYS_landlock_restrict_self, loan.Fd, 0, 0, 0);
        int error = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    public void Dispose() => rules.Dispose();

    // A rule for a file must not have rights that only directories have (EINVAL).
    private IoResult AllowReading(FileHandle place)
    {
        IoResult looked = Calls.Status(place, out FileStat status);
        return looked.IsOk
            ? Allow(place, status.IsDirectory ? Reading : LANDLOCK_ACCESS_FS_READ_FILE)
            : looked;
    }

    private IoResult Allow(FileHandle place, ulong rights)
    {
        using FileHandle.Loan set = rules.Borrow();
        using FileHandle.Loan opened = place.Borrow();
        LandlockPath path = new() { Allowed = rights, Directory = opened.Fd };
        nint result = landlock(SYS_landlock_add_rule, set.Fd, LANDLOCK_RULE_PATH_BENEATH, (nint)(&path), 0);
        int error = Marshal.GetLastPInvokeError();
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }
}
