using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Makes, finishes and closes the files of a bundle. Synchronous and without actors. It alone makes names, because
/// making them from several threads in one directory is three times slower than from one (measured on ext4), and it
/// owns every descriptor from creation to finish; writers borrow them while they hold a segment.
/// </summary>
internal sealed class OutputKeeper(
    IDirectory filesRoot, OutputIo io, bool syncsEachFile, StreamEndWriter? tapes = null) : IDisposable
{
    // From here on a file is worth its own fsync, whose error then is that file's alone.
    private const long OwnSyncBytes = 16 << 20;

    private readonly OutputDirectories directories = new(filesRoot);
    private readonly HashSet<IOutputFile> open = [];

    /// <summary>
    /// Some files have not been synced one by one: the whole filesystem must be, before anything is committed.
    /// </summary>
    public bool HasUnsynced { get; private set; }

    /// <summary>Sees every name that was made to disk; the first failure is final.</summary>
    public Errno SyncDirectories() => directories.Sync();

    /// <summary>What a file is called below <c>files/</c>.</summary>
    public static string OutputName(string name, bool isPacked) => isPacked ? name + NameRules.CompressedSuffix : name;

    /// <summary>Makes a file with room for the last block to be written whole.</summary>
    public IOutputFile? Create(string name, long sizeBytes, out Fault? fault)
    {
        fault = null;
        (string path, string leaf) = OutputDirectories.Split(name);
        IoResult<IDirectory> directory = directories.Open(path);
        if (!directory.Try(out IDirectory? parent, out Errno error)
            || !parent.CreateFile(leaf, io).Try(out IOutputFile? file, out error))
        {
            fault = CreateFault(error);
            return null;
        }

        // With its length set, writers fill the file in any order without taking turns to make it longer.
        IoResult sized = sizeBytes == 0 ? IoResult.Done : file.SetLength(Alignment.Up(sizeBytes));
        if (!sized.IsOk)
        {
            file.Dispose();
            _ = parent.RemoveTree(leaf);
            fault = CreateFault(sized.Error);
            return null;
        }

        open.Add(file);
        return file;
    }

    /// <summary>Gives a file its real length, sees it to disk and closes it.</summary>
    /// <param name="name">Its path below <c>files/</c>.</param>
    /// <param name="file">The file; nobody may use it afterwards.</param>
    /// <param name="sizeBytes">Its real length.</param>
    /// <param name="writtenBytes">How much was written to it.</param>
    /// <param name="discard">Nothing in it is worth keeping.</param>
    /// <param name="end">What a compressed file still needs; null for others.</param>
    /// <param name="cachedBytes">How much of it is still in page cache; -1 where the kernel does not tell.</param>
    /// <param name="addedBytes">How much was written to finish it.</param>
    /// <returns>Null, or why nothing of the file can be relied on; it is removed then.</returns>
    public Fault? Finish(
        string name, IOutputFile file, long sizeBytes, long writtenBytes, bool discard, StreamEnd? end, out long cachedBytes, out long addedBytes)
    {
        if (!open.Remove(file))
            throw new InvalidOperationException($"{name} was finished twice.");
        cachedBytes = 0;
        addedBytes = 0;
        Fault? fault = null;
        using (file)
        {
            if (!discard)
            {
                Errno error = end is null ? Errno.None : tapes!.Write(file, end, out addedBytes);
                if (error.IsError)
                    fault = Fault.OfWrite(error, end!.Offset);
                else if (
                    Seal(file, end is null ? sizeBytes : end.Offset + addedBytes, writtenBytes + addedBytes,
                    isPacked: end is not null) is { IsError: true } unsealed)
                    fault = new Fault(FaultKind.SyncFailed, unsealed);
                cachedBytes = file.CachedBytes();
            }
        }

        if (discard || fault is not null)
        {
            (string path, string leaf) = OutputDirectories.Split(name);
            if (directories.Open(path).Try(out IDirectory? parent, out _))
                _ = parent.RemoveTree(leaf);
        }

        return fault;
    }

    /// <summary>Closes whatever is still open.</summary>
    public void Dispose()
    {
        foreach (IOutputFile file in open)
            file.Dispose();
        open.Clear();
        directories.Dispose();
    }

    private Errno Seal(IOutputFile file, long sizeBytes, long writtenBytes, bool isPacked)
    {
        bool hasTail = !Alignment.IsAligned(sizeBytes);
        // A whole number of blocks is the length that it was made with; a stream ends where it ends.
        if ((hasTail || isPacked) && file.SetLength(sizeBytes) is { IsOk: false } cut)
            return cut.Error;
        // Only what went around the page cache can wait for the filesystem as a whole: a lost page is that file's
        // error.
        if (syncsEachFile || writtenBytes >= OwnSyncBytes || io != OutputIo.Direct)
        {
            if (file.Sync() is { IsOk: false } synced)
                return synced.Error;
        }
        else
        {
            HasUnsynced = true;
        }

        // Cutting off the padding goes through the page cache (ext4 zeroes the rest of the block there) and leaves
        // that one page in it: see it to disk and drop it.
        long tail = Alignment.Down(sizeBytes);
        return hasTail && file.Settle(tail, sizeBytes - tail) is { IsOk: false } settled ? settled.Error : Errno.None;
    }

    private static Fault CreateFault(Errno error) => error.IsNoSpace
        ? new Fault(FaultKind.NoSpace, error)
        : new Fault(error.Code == EEXIST ? FaultKind.NameTaken : FaultKind.CreateFailed, error);
}
