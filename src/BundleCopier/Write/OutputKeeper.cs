using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Makes, finishes and closes the files of a bundle. Synchronous and without actors. It alone makes names, because making
/// them from several threads in one directory is three times slower than from one (measured on ext4), and it owns every
/// descriptor from creation to finish; writers borrow them while they hold a segment.
/// </summary>
internal sealed class OutputKeeper(IDirectory filesRoot, OutputIo io, bool syncsEachFile, TapeFinisher? tapes = null) : IDisposable
{
    // From here on a file is worth its own fsync, whose error then is that file's alone.
    private const long OwnSyncBytes = 16 << 20;

    private readonly Dictionary<string, IDirectory> directories = new() { [""] = filesRoot };
    private readonly HashSet<IOutputFile> open = [];

    /// <summary>Some files have not been synced one by one: the whole filesystem must be, before anything is committed.</summary>
    public bool HasUnsynced { get; private set; }

    /// <summary>Every directory that holds a name of the bundle, deepest last.</summary>
    public IEnumerable<IDirectory> Directories => directories.OrderBy(d => d.Key.Length).Select(d => d.Value);

    /// <summary>What a file is called below <c>files/</c>.</summary>
    public static string OutputName(string name, bool isPacked) => isPacked ? name + NameRules.CompressedSuffix : name;

    /// <summary>Makes a file with room for the last block to be written whole.</summary>
    public IOutputFile? Create(string name, long sizeBytes, out Fault? fault)
    {
        fault = null;
        (string path, string leaf) = Split(name);
        IoResult<IDirectory> directory = OpenDirectory(path);
        if (!directory.Try(out IDirectory? parent, out Errno error) || !parent.CreateFile(leaf, io).Try(out IOutputFile? file, out error))
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
    public Fault? Finish(string name, IOutputFile file, long sizeBytes, long writtenBytes, bool discard, TapeEnd? end, out long cachedBytes, out long addedBytes)
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
                else if (Seal(file, end is null ? sizeBytes : end.Offset + addedBytes, writtenBytes + addedBytes) is { IsError: true } unsealed)
                    fault = new Fault(FaultKind.SyncFailed, unsealed);
                cachedBytes = file.CachedBytes();
            }
        }

        if (discard || fault is not null)
        {
            (string path, string leaf) = Split(name);
            _ = directories[path].RemoveTree(leaf);
        }

        return fault;
    }

    /// <summary>Closes whatever is still open.</summary>
    public void Dispose()
    {
        foreach (IOutputFile file in open)
            file.Dispose();
        open.Clear();
        foreach (IDirectory directory in directories.Values)
            directory.Dispose();
        directories.Clear();
    }

    private Errno Seal(IOutputFile file, long sizeBytes, long writtenBytes)
    {
        bool hasTail = !Alignment.IsAligned(sizeBytes);
        if (sizeBytes > 0 && file.SetLength(sizeBytes) is { IsOk: false } cut)
            return cut.Error;
        if (syncsEachFile || writtenBytes >= OwnSyncBytes)
        {
            if (file.Sync() is { IsOk: false } synced)
                return synced.Error;
        }
        else
        {
            HasUnsynced = true;
        }

        // Cutting off the padding goes through the page cache (ext4 zeroes the rest of the block there) and leaves that one
        // page in it: see it to disk and drop it.
        long tail = Alignment.Down(sizeBytes);
        return hasTail && file.Settle(tail, sizeBytes - tail) is { IsOk: false } settled ? settled.Error : Errno.None;
    }

    private IoResult<IDirectory> OpenDirectory(string path)
    {
        if (directories.TryGetValue(path, out IDirectory? known))
            return IoResult<IDirectory>.Ok(known);
        (string above, string leaf) = Split(path);
        if (!OpenDirectory(above).Try(out IDirectory? parent, out Errno error))
            return IoResult<IDirectory>.Failed(error);
        if (!parent.CreateDirectory(leaf).Try(out IDirectory? made, out error))
        {
            // It may have been made and not opened (EMFILE): the next file that belongs there has to find its name free.
            if (error.Code != EEXIST)
                _ = parent.RemoveTree(leaf);
            return IoResult<IDirectory>.Failed(error);
        }

        directories.Add(path, made);
        return IoResult<IDirectory>.Ok(made);
    }

    private static (string Path, string Leaf) Split(string name)
    {
        int slash = name.LastIndexOf('/');
        return slash < 0 ? ("", name) : (name[..slash], name[(slash + 1)..]);
    }

    private static Fault CreateFault(Errno error) => error.IsNoSpace
        ? new Fault(FaultKind.NoSpace, error)
        : new Fault(error.Code == EEXIST ? FaultKind.NameTaken : FaultKind.CreateFailed, error);
}
