using BundleCopier.Native;

namespace BundleCopier.Faults;

/// <summary>Why a file cannot be copied completely. The list is complete: anything else is a bug.</summary>
internal enum FaultKind
{
    /// <summary>The source does not exist, or a pattern matched nothing.</summary>
    SourceMissing,

    /// <summary>The source cannot be opened.</summary>
    SourceUnreadable,

    /// <summary>The source is a directory, a FIFO, a device or a socket.</summary>
    SourceNotRegular,

    /// <summary>The path contains a symbolic link below a directory that other users can change.</summary>
    SourceLinked,

    /// <summary>A pattern found it, and another user may have put it there (<c>source.trust</c>).</summary>
    SourceUntrusted,

    /// <summary>A pattern found more than is copied for one pattern.</summary>
    SourcesLeftOut,

    /// <summary>The source is larger than <see cref="Model.SegmentGrid.MaxFileBytes"/>.</summary>
    SourceTooLarge,

    /// <summary>The source became shorter while it was copied.</summary>
    SourceShrank,

    /// <summary>The source became longer while it was copied.</summary>
    SourceGrew,

    /// <summary>The source could not be read.</summary>
    ReadFailed,

    /// <summary>The source's filesystem did not answer (stall-timeout).</summary>
    SourceHung,

    /// <summary>The descriptor leads to no stream.</summary>
    NotStream,

    /// <summary>Nothing came out of a stream, for longer than stall-timeout.</summary>
    StreamSilent,

    /// <summary>A core ended before the place that its headers give.</summary>
    CoreCut,

    /// <summary>A process has ended. Its number may belong to another one.</summary>
    ProcessGone,

    /// <summary>The memory of a process, or a System V segment, needs a capability.</summary>
    MemoryForbidden,

    /// <summary>What an earlier run has left under the name cannot be removed.</summary>
    EarlierOutputStays,

    /// <summary>Another file of the bundle has the same name.</summary>
    NameTaken,

    /// <summary>The file could not be created in the bundle.</summary>
    CreateFailed,

    /// <summary>Writing to the destination failed.</summary>
    WriteFailed,

    /// <summary>The disk is full.</summary>
    NoSpace,

    /// <summary>What is left of the disk must stay free.</summary>
    KeptFree,

    /// <summary>fsync(2) failed: the written data may not have reached the disk.</summary>
    SyncFailed,

    /// <summary>The copy was stopped.</summary>
    Cancelled,

    /// <summary>The copy had a deadline, which has passed.</summary>
    DeadlinePassed,

    /// <summary>
    /// Two workers in a row crashed on the same segment. This is a bug; the copy goes on without the segment.
    /// </summary>
    WorkerDied,
}

/// <summary>Why a file, or a part of it, is not in the bundle.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Error">The kernel's error; none when no system call failed.</param>
/// <param name="Detail">More about the place, such as "at offset 4096"; empty when the kind says enough.</param>
internal sealed record Fault(FaultKind Kind, Errno Error, string Detail = "")
{
    public static Fault Of(FaultKind kind, string detail = "") => new(kind, Errno.None, detail);

    /// <summary>
    /// A failed write. A full disk has a kind of its own, because the user must do something else about it.
    /// </summary>
    public static Fault OfWrite(Errno error, long offset) =>
        new(error.IsNoSpace ? FaultKind.NoSpace : FaultKind.WriteFailed, error, $"at offset {offset}");

    /// <summary>
    /// The receipt's <c>error.code</c>, which programs depend on: the errno's name, or a name of our own.
    /// </summary>
    public string Code => Error.IsError && Error.Code != KernelErrors.NotRegular
        ? Error.Name
        : Kind switch
        {
            FaultKind.SourceMissing => "ENOENT",
            FaultKind.SourceNotRegular => "NOT_REGULAR",
            FaultKind.SourceLinked => "ELOOP",
            FaultKind.SourceUntrusted => "UNTRUSTED",
            FaultKind.SourcesLeftOut => "LEFT_OUT",
            FaultKind.SourceTooLarge => "EFBIG",
            FaultKind.SourceShrank => "SHRANK",
            FaultKind.SourceGrew => "GREW",
            FaultKind.SourceHung => "NO_ANSWER",
            FaultKind.NotStream => "NOT_STREAM",
            FaultKind.StreamSilent => "NO_ANSWER",
            FaultKind.CoreCut => "CORE_CUT",
            FaultKind.ProcessGone => "ESRCH",
            FaultKind.MemoryForbidden => "EPERM",
            FaultKind.NameTaken => "NAME_TAKEN",
            FaultKind.Cancelled => "CANCELLED",
            FaultKind.DeadlinePassed => "DEADLINE",
            FaultKind.WorkerDied => "WORKER_DIED",
            FaultKind.NoSpace => "ENOSPC",
            FaultKind.KeptFree => "KEEP_FREE",
            _ => "EIO",
        };

    /// <summary>Nothing has failed: the copy ended early because it was told to.</summary>
    public bool IsStop => Kind is FaultKind.Cancelled or FaultKind.DeadlinePassed;

    /// <summary>Why something is missing, in a few words that go on a sentence: "the disk is full".</summary>
    public string Reason => FaultReason.Of(this);

    /// <summary>What happened and what to do, for people.</summary>
    public string Message
    {
        get
        {
            string where = Detail.Length == 0 ? "" : $" ({Detail})";
            return Kind switch
            {
                FaultKind.SourceMissing =>
                    $"There is no such file{where}. Check the path, or leave the file out.",
                FaultKind.SourceUnreadable or FaultKind.CreateFailed when Code is "EMFILE" =>
                    $"The file could not be opened: {Code}{where}. "
                        + "Too many files are open; raise the limit (ulimit -n, LimitNOFILE=).",
                FaultKind.SourceUnreadable when Code is "EAGAIN" =>
                    $"Another process holds a write lease on the source, and kept it: {Code}{where}. "
                        + "Stop that process (fcntl(2), F_SETLEASE), and "
                        + "copy again under another name, or replace this bundle.",
                FaultKind.SourceUnreadable when Code is "NO_PROC" =>
                    "A file outside of memory, and the memory of a process, is reached through /proc, and the one of "
                        + $"this PID namespace is not mounted: {Code}{where}. Mount it (mount -t proc proc /proc).",
                FaultKind.SourceUnreadable when Code is "ENAMETOOLONG" =>
                    $"The path of the source is too long: {Code}{where}. Name it by a shorter path.",
                FaultKind.SourceUnreadable or FaultKind.ReadFailed or FaultKind.CreateFailed when Code is "ENOMEM" =>
                    $"The kernel has no memory for it: {Code}{where}. Free memory, or raise the limit of the cgroup.",
                FaultKind.SourceUnreadable when Code is not ("EACCES" or "EPERM") =>
                    $"The source could not be opened: {Code}{where}. Check the filesystem that it is on.",
                FaultKind.SourceUnreadable =>
                    $"The source could not be opened: {Code}{where}. Run as a user who may read it.",
                FaultKind.SourceNotRegular =>
                    $"The source is not a regular file{where}. Name a file; "
                        + "directories, FIFOs, sockets, devices and files that the kernel makes up (/proc, /sys) "
                        + "are not copied.",
                FaultKind.SourceLinked =>
                    "A symbolic link below a directory that other users can change is not followed"
                        + $"{where}. Name the file itself.",
                FaultKind.SourceUntrusted =>
                    $"A pattern found this file, and another user may have put it there{where}. Name the file by its "
                        + "path, name its owner (\"owner\" in a manifest), or set bundle-copier.source.trust = any.",
                FaultKind.SourcesLeftOut =>
                    $"Not all files that this pattern matches are copied{where}. "
                        + "Name important files by their paths, or raise the limits (bundle-copier.source).",
                FaultKind.SourceTooLarge =>
                    $"The source is larger than {Model.SegmentGrid.MaxFileBytes} bytes{where}. "
                        + "Cut its end off (truncate(1)), or copy it as several files.",
                FaultKind.SourceShrank =>
                    $"The source became shorter while it was copied{where}. "
                        + "Stop the programs that still write to it, and "
                        + "copy again under another name, or replace this bundle.",
                FaultKind.SourceGrew =>
                    $"The source became longer while it was copied{where}; what it had at the start is saved. "
                        + "Stop the programs that still write to it, and "
                        + "copy again under another name, or replace this bundle.",
                FaultKind.ReadFailed =>
                    $"The source could not be read: {Code}{where}. Check the disk or filesystem that it is stored on.",
                FaultKind.SourceHung =>
                    $"The source could not be read, because its filesystem hangs{where}. "
                        + "Check its server or its disk (dmesg), and "
                        + "copy again under another name, or replace this bundle.",
                FaultKind.NotStream =>
                    $"The descriptor is no pipe, socket or terminal{where}. Name a file by its path in a manifest.",
                FaultKind.StreamSilent =>
                    $"Nothing more came out of the stream{where}. Check the process that writes to it, or wait longer "
                        + "(bundle-copier.stall-timeout).",
                FaultKind.CoreCut =>
                    $"The core is not whole{where}. The kernel ended it early: the process was killed meanwhile (by "
                        + "the OOM killer, too), or its program is no ELF program; see the kernel's log (dmesg).",
                FaultKind.ProcessGone =>
                    $"There is no such process any more{where}. Copy its memory before it ends, "
                        + "or leave it out.",
                FaultKind.MemoryForbidden =>
                    $"The memory cannot be reached: {Code}{where}. Run with CAP_CHECKPOINT_RESTORE, and for a process "
                        + "of another user also with CAP_SYS_PTRACE.",
                FaultKind.EarlierOutputStays =>
                    $"What an earlier copy left of this file could not be removed: {Code}{where}. Take the attributes "
                        + "of the file away (chattr -ai), or give the bundle another name.",
                FaultKind.NameTaken =>
                    $"Another file of this bundle has the same name{where}. Give one of them a name of its own.",
                FaultKind.WriteFailed or FaultKind.CreateFailed when Code is "EFBIG" =>
                    $"The file may not become so large: {Code}{where}. "
                        + "Raise the limit (ulimit -f, LimitFSIZE=), or choose a filesystem that has larger files.",
                FaultKind.CreateFailed when Code is "EROFS" =>
                    $"The destination became read-only: {Code}{where}. Check the kernel's log (dmesg) and the disk.",
                FaultKind.CreateFailed when Code is "EILSEQ" or "EINVAL" or "ENAMETOOLONG" =>
                    $"The filesystem of the destination does not take the name of this file: {Code}{where}. "
                        + "Give it another name (\"name\" in a manifest), or choose another destination.",
                FaultKind.CreateFailed =>
                    $"The file could not be created in the bundle: {Code}{where}. Check the destination's filesystem.",
                FaultKind.WriteFailed when Error.IsError == false =>
                    $"The output cannot be relied on{where}. Use a destination in which no other process works.",
                FaultKind.WriteFailed => $"The destination could not be written: {Code}{where}. Check the disk.",
                FaultKind.NoSpace when Code is "EDQUOT" =>
                    $"The quota of the user at the destination is used up{where}. Free space, or raise the quota.",
                FaultKind.NoSpace =>
                    $"The destination is full: no space (df -h) or no inodes (df -i) are left{where}. "
                        + "Free some, or choose another destination.",
                FaultKind.KeptFree =>
                    $"The free space that is left at the destination is kept free{where}, as "
                        + "bundle-copier.destination.keep-free asks. Free some, or lower the setting.",
                FaultKind.SyncFailed =>
                    $"The disk did not confirm what was written: {Code}{where}. "
                        + "Check the disk, and do not rely on any part of this file.",
                FaultKind.Cancelled =>
                    $"The copy was stopped before this file was complete{where}. "
                        + "Copy again under another name, or replace this bundle.",
                FaultKind.DeadlinePassed =>
                    $"This file was not complete at the deadline{where}. "
                        + "Give more time (bundle-copier.deadline), or give this file a higher priority in a manifest.",
                FaultKind.WorkerDied =>
                    $"A part of this file could not be copied because of an internal error{where}. Please report it.",
                _ => throw new InvalidOperationException($"No message for {Kind}."),
            };
        }
    }
}
