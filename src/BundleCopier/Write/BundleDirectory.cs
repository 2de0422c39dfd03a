using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The directory of one bundle: <c>.NAME.partial</c> while it is made, <c>NAME</c> when it is whole, turned from one
/// into the other by a single rename. Synchronous and without actors.
/// </summary>
internal sealed class BundleDirectory : IDisposable
{
    public const string ReceiptName = "receipt.json";
    public const string FilesName = "files";

    private const long ReceiptHeadBytes = 64 * 1024;

    private readonly IDirectory destination;
    private readonly IDirectory partial;
    private readonly string path;
    private readonly string bundle;
    private IOutputFile? receipt;
    private bool isNamed;
    private bool isCommitted;

    private BundleDirectory(IDirectory destination, IDirectory partial, string path, string bundle, OutputIo io)
    {
        this.destination = destination;
        this.partial = partial;
        this.path = path;
        this.bundle = bundle;
        Io = io;
    }

    /// <summary>How its files are written.</summary>
    public OutputIo Io { get; }

    /// <summary>Where the bundle is once it is committed.</summary>
    public string BundlePath => $"{path.TrimEnd('/')}/{bundle}";

    public string PartialName => NameOfPartial(bundle);

    public static string NameOfPartial(string bundle) => $".{bundle}.partial";

    /// <summary>Whether it is the name of some bundle in the making.</summary>
    public static bool IsPartialName(string name) =>
        name.StartsWith('.') && name.EndsWith(".partial", StringComparison.Ordinal);

    /// <summary>
    /// Takes the bundle's name, clears away what a killed run left under it, and reserves room for the receipt, so
    /// that a disk that fills up meanwhile cannot keep the receipt from being written.
    /// </summary>
    public static BundleDirectory? Prepare(
        IKernel kernel, string path, string bundle, OutputIo? wantedIo, long receiptBytes, nint block, out IDirectory? files, out Refusal? refusal)
    {
        files = null;
        IDirectory? destination = OpenDestination(kernel, path, bundle, out refusal);
        if (destination is null)
            return null;

        OutputIo io = ChooseIo(destination, wantedIo, path, out refusal);
        IDirectory? partial = refusal is null ? TakePartial(destination, path, bundle, out refusal) : null;
        if (partial is null)
        {
            destination.Dispose();
            return null;
        }

        BundleDirectory directory = new(destination, partial, path, bundle, io);
        refusal = directory.Furnish(receiptBytes, out files);
        if (refusal is null && wantedIo is not null)
            refusal = TryForcedIo(directory.receipt!, path, io, block);
        if (refusal is null)
            return directory;
        files?.Dispose();
        files = null;
        _ = destination.RemoveTree(directory.PartialName);
        directory.Dispose();
        return null;
    }

    /// <summary>
    /// Refuses what <see cref="Prepare"/> would refuse, as far as that shows without making a name, and leaves
    /// nothing behind.
    /// </summary>
    public static (OutputIo Io, long? FreeBytes)? Look(
        IKernel kernel, string path, string bundle, OutputIo? wantedIo, long receiptBytes, nint block, out Refusal? refusal)
    {
        using IDirectory? destination = OpenDestination(kernel, path, bundle, out refusal);
        if (destination is null)
            return null;
        OutputIo io = ChooseIo(destination, wantedIo, path, out refusal);
        refusal ??= LookAtPartial(destination, path, bundle)
            ?? TryNameless(destination, path, io, wantedIo, receiptBytes, block);
        if (refusal is not null)
            return null;
        IoResult free = destination.FreeBytes();
        return (io, free.IsOk ? free.Value : null);
    }

    /// <summary>
    /// Makes the bundle visible: data and receipt first, then the name, all on disk before it. The first failure is
    /// final, and leaves everything under the partial name.
    /// </summary>
    public Refusal? Commit(OutputKeeper keeper, Func<IOutputFile, Errno> writeReceipt)
    {
        // The receipt of 20,000 files takes as long to be written (60 ms) as the disk needs for the files: both at
        // once. The receipt says nothing before the bundle has its name.
        using FilesystemSync? sync = keeper.HasUnsynced ? destination.BeginSyncFilesystem() : null;
        Errno written = writeReceipt(receipt!);
        if (sync?.Wait() is { IsOk: false } all)
            return NotCommitted("syncing the filesystem", all.Error);
        if (keeper.SyncDirectories() is { IsError: true } unsynced)
            return NotCommitted("syncing a directory", unsynced);
        if (written.IsError)
            return NotCommitted("writing the receipt", written);
        receipt!.Dispose();
        receipt = null;
        if (partial.Sync() is { IsOk: false } made)
            return NotCommitted("syncing the bundle's directory", made.Error);
        if (destination.Rename(PartialName, bundle) is { IsOk: false } renamed)
        {
            return renamed.Error.Code == EEXIST
                ? Exists(path, bundle)
                : NotCommitted("renaming the bundle", renamed.Error);
        }

        isNamed = true;
        // In a directory that others may write to, somebody may have put another in its place.
        if (!partial.IsStill(destination, bundle))
        {
            isNamed = false;
            return Refusal.Of(
                RefusalKind.NotCommitted, Errno.None, $"Nothing is committed: what is called {path}/{bundle} by now is not what was copied. Use a destination that nobody else may write to.");
        }

        if (destination.Sync() is { IsOk: false } last)
        {
            Unname();
            return NotCommitted("syncing the destination", last.Error);
        }

        isCommitted = true;
        return null;
    }

    public void Dispose()
    {
        Unname();
        receipt?.Dispose();
        partial.Dispose();
        destination.Dispose();
    }

    /// <summary>
    /// Takes the name back from a bundle that is not committed: the name might not survive a power cut, and nobody
    /// will be told that the bundle is there, so it must not be seen.
    /// </summary>
    private void Unname()
    {
        if (isNamed && !isCommitted)
            _ = destination.Rename(bundle, PartialName);
        isNamed = false;
    }

    private static IDirectory? OpenDestination(IKernel kernel, string path, string bundle, out Refusal? refusal)
    {
        refusal = null;
        if (!kernel.OpenDirectory(path).Try(out IDirectory? destination, out Errno error))
        {
            refusal = error.Code == ENOENT
                || error.Code == ENOTDIR ? Missing(kernel, path, error) : Unusable(path, error);
            return null;
        }

        if (destination.KernelFilesystem is { } filesystem)
        {
            refusal = StoresNothing(path, filesystem);
            destination.Dispose();
            return null;
        }

        IoResult taken = destination.Probe(bundle);
        if (taken.Error.Code == ENOENT)
            return destination;
        refusal = taken.IsOk ? Exists(path, bundle) : Unusable(path, taken.Error);
        destination.Dispose();
        return null;
    }

    private static OutputIo ChooseIo(IDirectory destination, OutputIo? wanted, string path, out Refusal? refusal)
    {
        refusal = null;
        switch (wanted)
        {
            case OutputIo.DontCache:
                return OutputIo.DontCache;
            case OutputIo.Bounded:
                return OutputIo.Bounded;
            default:
                if (!destination.ProbeOutputIo().Try(out DestinationTraits? traits, out Errno error))
                    refusal = Unusable(path, error);
                // Who takes O_DIRECT and buffers all the same must not be told to be direct: the receipt would lie.
                else if (wanted == OutputIo.Direct && traits.Io != OutputIo.Direct)
                    refusal = Refused(path, OutputIo.Direct, new Errno(EOPNOTSUPP));
                return traits?.Io ?? default;
        }
    }

    private static IDirectory? TakePartial(IDirectory destination, string path, string bundle, out Refusal? refusal)
    {
        refusal = null;
        string name = NameOfPartial(bundle);
        // Twice: what a killed run left is removed, and the second time the name is free.
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (destination.CreateDirectory(name).Try(out IDirectory? partial, out Errno error))
            {
                IoResult locked = partial.Lock();
                if (locked.IsOk && partial.IsStill(destination, name))
                    return partial;
                partial.Dispose();
                if (locked.IsOk || locked.Error.Code == EAGAIN)
                    break;
                _ = destination.RemoveTree(name);
                refusal = Unusable(path, locked.Error);
                return null;
            }

            if (error.Code != EEXIST)
            {
                refusal = error.IsNoSpace ? Full(path, error) : Unusable(path, error);
                return null;
            }

            if (!destination.OpenDirectory(name).Try(out IDirectory? stale, out error))
            {
                refusal = InTheWay(path, name, error);
                return null;
            }

            using (stale)
            {
                if (!stale.Lock().IsOk)
                    break;
                refusal = NotOurs(path, name, stale.ClaimTo(destination, name));
                if (refusal is not null)
                    return null;

                IoResult removed = destination.RemoveTree(name);
                if (!removed.IsOk)
                {
                    refusal = Unusable($"{path}/{name}", removed.Error);
                    return null;
                }
            }
        }

        refusal = AlreadyRunning(path, bundle);
        return null;
    }

    /// <summary>
    /// What <see cref="TakePartial"/> would say to what is there under the partial name; nothing of it is touched.
    /// </summary>
    private static Refusal? LookAtPartial(IDirectory destination, string path, string bundle)
    {
        string name = NameOfPartial(bundle);
        IoResult taken = destination.Probe(name);
        if (!taken.IsOk)
            return taken.Error.Code == ENOENT ? null : Unusable(path, taken.Error);
        if (!destination.OpenDirectory(name).Try(out IDirectory? stale, out Errno error))
            return InTheWay(path, name, error);
        // Closing it at once gives the lock back: only a copy that has made its directory and not locked it yet,
        // which are two calls, could meet it.
        using (stale)
        {
            return stale.Lock().IsOk ? NotOurs(path, name, stale.ClaimTo(destination, name))
                : AlreadyRunning(path, bundle);
        }
    }

    /// <summary>Does with a file that has no name what <see cref="Furnish"/> does with the receipt.</summary>
    private static Refusal? TryNameless(
        IDirectory destination, string path, OutputIo io, OutputIo? wantedIo, long receiptBytes, nint block)
    {
        if (!destination.CreateNameless(io).Try(out IOutputFile? file, out Errno error))
        {
            // The kernel looks for permission, and for a mount that is read-only, before it asks whether the
            // filesystem knows such files (do_tmpfile and vfs_tmpfile in fs/namei.c): one that knows none may be
            // written all the same.
            return error.Code == EOPNOTSUPP ? null : NotMade(path, io, error);
        }

        using (file)
            return Reserve(file, path, receiptBytes) ?? (wantedIo is null ? null : TryForcedIo(file, path, io, block));
    }

    /// <summary>
    /// A way of writing that somebody insists on may be one that the filesystem does not know: better said at once.
    /// </summary>
    private static Refusal? TryForcedIo(IOutputFile file, string path, OutputIo io, nint block)
    {
        IoResult tried = file.Write(block, Alignment.Bytes, 0);
        return tried.Error.Code == EOPNOTSUPP || tried.Error.Code == EINVAL ? Refused(path, io, tried.Error) : null;
    }

    private static Refusal Refused(string path, OutputIo io, Errno error) => Refusal.Of(
        RefusalKind.DestinationUnusable, error, $"The filesystem of {path} cannot be written by {io.ToString().ToLowerInvariant()} I/O ({error.Name}). Set bundle-copier.writer.io = auto.");

    private Refusal? Furnish(long receiptBytes, out IDirectory? files)
    {
        if (!partial.CreateDirectory(FilesName).Try(out files, out Errno error)
            || !partial.CreateFile(ReceiptName, Io).Try(out receipt, out error))
        {
            files?.Dispose();
            files = null;
            return NotMade(path, Io, error);
        }

        Refusal? refusal = Reserve(receipt, path, receiptBytes);
        if (refusal is null)
            return null;
        files.Dispose();
        files = null;
        return refusal;
    }

    private static Refusal? Reserve(IOutputFile receipt, string path, long receiptBytes)
    {
        IoResult reserved = receipt.Reserve(0, ReceiptHeadBytes + receiptBytes);
        if (reserved.IsOk || reserved.Error.Code == EOPNOTSUPP)
            return null;
        return reserved.Error.IsNoSpace ? Full(path, reserved.Error) : Unusable(path, reserved.Error);
    }

    private static Refusal NotMade(string path, OutputIo io, Errno error) =>
        error.IsNoSpace ? Full(path, error)
        : error.Code == EINVAL && io == OutputIo.Direct ? Refused(path, io, error)
        : Unusable(path, error);

    private Refusal NotCommitted(string step, Errno error) => Refusal.Of(
        RefusalKind.NotCommitted, error, $"Nothing is committed: {step} failed with {error.Name}. What was copied is in {path}/{PartialName}; do not rely on it. Check the disk and copy again.");

    private static Refusal Exists(string path, string bundle) => Refusal.Of(
        RefusalKind.BundleExists, new Errno(
            EEXIST), $"{path}/{bundle} exists already. Remove it, or give the bundle another name.");

    /// <summary>What has the partial name and cannot even be looked into.</summary>
    private static Refusal InTheWay(string path, string name, Errno error)
    {
        string? found = error.Code == ENOTDIR || error.Code == ELOOP ? "is not a directory"
            : error.Code == EACCES ? "may not be opened by this user"
            : null;
        return found is null ? Unusable($"{path}/{name}", error) : Refusal.Of(
            RefusalKind.DestinationUnusable, error, $"{path}/{name} {found} ({error.Name}), and is in the way: the bundle has that name while it is made. Remove it if nobody needs it, or give the bundle another name.");
    }

    private static Refusal Missing(IKernel kernel, string path, Errno error)
    {
        PathObstacle? obstacle = PathObstacle.Find(kernel, path, error);
        bool isItself = obstacle?.Path == path.TrimEnd('/');
        return Refusal.Of(RefusalKind.DestinationMissing, error, $"The destination {path} " + obstacle switch
        {
            { IsMissing: false } when isItself =>
                "is not a directory. Move what is there out of the way, or name another with --destination.",
            { IsMissing: false } file =>
                $"cannot exist: {file.Problem}. Move that out of the way, or name another with --destination.",
            { IsMissing: true } gap when !isItself =>
                $"is not a directory that exists: {gap.Problem}. Make it, or name another with --destination.",
            _ => "is not a directory that exists. Make it, or name another with --destination.",
        });
    }

    /// <summary>
    /// What has the partial name and is not what a copy of ours left is not cleared away: it may be somebody's data.
    /// </summary>
    private static Refusal? NotOurs(string path, string name, DirectoryClaim claim)
    {
        string? found = claim switch
        {
            DirectoryClaim.OfAnother => "belongs to another user",
            DirectoryClaim.OpenToOthers =>
                "was not made by a copy, whose directories are open to their owner alone (0700)",
            DirectoryClaim.Replaced => "was put in place of another directory just now, or is gone",
            _ => null,
        };
        return found is null ? null : Refusal.Of(
            RefusalKind.DestinationUnusable, Errno.None, $"{path}/{name} {found}: it is not what an earlier copy of yours left, and is not cleared away. Remove it if nobody needs it, or give the bundle another name.");
    }

    private static Refusal AlreadyRunning(string path, string bundle) => Refusal.Of(
        RefusalKind.AlreadyRunning, Errno.None, $"Another process is copying {bundle} to {path}. Wait for it, or give the bundle another name.");

    private static Refusal Full(string path, Errno error) => Refusal.Of(
        RefusalKind.DestinationFull, error, $"The destination {path} has no room for even a receipt ({error.Name}). Free space, or name another with --destination.");

    private static Refusal StoresNothing(string path, string filesystem) => Refusal.Of(
        RefusalKind.DestinationUnusable, new Errno(
            EOPNOTSUPP), $"The destination {path} is on {filesystem}, which the kernel makes up: files cannot be stored there. Name a directory on a disk with --destination.");

    private static Refusal Unusable(string path, Errno error) => error.Code == ELOOP
        ? Refusal.Of(
            RefusalKind.DestinationUnusable, error, $"The destination {path} leads through a symbolic link below a world-writable directory ({error.Name}), which is not followed. Name the directory itself.")
        : Refusal.Of(
        RefusalKind.DestinationUnusable, error, $"The destination {path} cannot be used: {error.Name}. Check its owner and its filesystem, or name another with --destination.");
}
