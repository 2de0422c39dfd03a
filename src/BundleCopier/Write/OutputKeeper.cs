using System.Collections.Frozen;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>What finishing a file found.</summary>
/// <param name="CachedBytes">How many bytes of it are in the page cache; -1 where the kernel does not tell.</param>
/// <param name="AddedBytes">How many bytes were written to finish it.</param>
/// <param name="Fault">Why nothing of the file can be relied on; it is removed then. Null when it can.</param>
internal readonly record struct FinishedOutput(long CachedBytes, long AddedBytes, Fault? Fault);

/// <summary>
/// Makes, finishes and closes the files of a bundle. It owns every descriptor from creation to finish; writers use them
/// while they hold a segment. Only one keeper makes names: several threads that make files in one directory are three
/// times slower than one (measured on ext4). Synchronous and without actors.
/// </summary>
/// <param name="files">The directory of the files, which the caller owns.</param>
/// <param name="io">How files are written.</param>
/// <param name="syncsEachFile">Syncs also small files one by one.</param>
/// <param name="ends">Writes the ends of compressed files; null when no file is compressed.</param>
/// <param name="earlier">What an earlier run has left; null for nothing.</param>
/// <param name="pulse">Shows that a long step gets on; null where no actor waits for it.</param>
internal sealed class OutputKeeper(
    IDirectory files,
    OutputIo io,
    bool syncsEachFile,
    StreamEndWriter? ends = null,
    EarlierRun? earlier = null,
    Pulse? pulse = null)
    : IDisposable
{
    // A file of this size is worth an fsync of its own, whose error concerns only that file.
    private const long OwnSyncBytes = 16 << 20;

    // The length that a stream's file has until its end is known. It takes no space.
    private const long StreamLengthBytes = 64L << 30;

    private readonly OutputDirectories directories = new(files, earlier?.Directories ?? FrozenSet<string>.Empty);
    private readonly HashSet<IOutputFile> open = [];
    private readonly HashSet<string> earlierOutputs = [.. earlier?.Files.Keys ?? []];
    private readonly List<(string Name, FileIdentity Identity)> finishedOutputs = [];

    private IoResult ended; // the last end of a compressed file

    /// <summary>
    /// True when some files were not synced one by one, so the whole filesystem must be synced before the commit.
    /// </summary>
    public bool HasUnsynced { get; private set; }

    /// <summary>Syncs all directories in which a name was made. The first failure is final.</summary>
    public IoResult SyncDirectories() => directories.Sync(pulse);

    /// <summary>
    /// Opens the output that an earlier run has made of an unchanged source. Null where there is none; an output of a
    /// source that has changed is removed.
    /// </summary>
    public IOutputFile? Reopen(string name, SourceStamp stamp)
    {
        if (!earlierOutputs.Contains(name) || earlier!.Files[name].Stamp != stamp)
            return null;
        (string path, string leaf) = PathText.Split(name);
        if (!directories.Open(path).Try(out IDirectory? parent, out _)
            || !parent.OpenOutput(leaf, io).Try(out IOutputFile? file, out _))
        {
            return null;
        }

        earlierOutputs.Remove(name);
        open.Add(file);
        return file;
    }

    /// <summary>
    /// Removes the output that an earlier run has made of the same source in the other form, raw or compressed. The
    /// disk may need its space.
    /// </summary>
    /// <returns>True when something was removed.</returns>
    public bool RemoveOtherForm(string name, SourceStamp stamp)
    {
        bool isOther = earlierOutputs.Contains(name)
            && earlier!.Files.TryGetValue(name, out JournaledFile? file)
            && file.Stamp.IsOfSameFile(stamp);
        return isOther && directories.RemoveFile(name).IsOk && earlierOutputs.Remove(name);
    }

    /// <summary>
    /// Whether an earlier run has left an output of this name that no file of this run has taken over.
    /// </summary>
    public bool HasEarlier(string name) => earlierOutputs.Contains(name);

    /// <summary>
    /// Removes the outputs of an earlier run that no file of this run has taken over. The bundle must not be committed
    /// with them.
    /// </summary>
    public IoResult RemoveEarlier()
    {
        foreach (string name in earlierOutputs)
        {
            IoResult removed = directories.Remove(name);
            if (!removed.IsOk)
                return removed;
            pulse?.Beat();
        }

        earlierOutputs.Clear();
        return IoResult.Done;
    }

    /// <summary>Makes a file, long enough to write its last block whole.</summary>
    /// <param name="name">The path below <c>files/</c>.</param>
    /// <param name="sizeBytes">The size of the source; null where that shows only at its end.</param>
    public Result<IOutputFile, Fault> Create(string name, long? sizeBytes)
    {
        (string path, string leaf) = PathText.Split(name);
        if (!directories.Open(path).Try(out IDirectory? parent, out Errno error))
            return CreateFault(error);
        IoResult removed = earlierOutputs.Remove(name) ? parent.RemoveTree(leaf) : IoResult.Done;
        if (!removed.IsOk && removed.Error.Code != ENOENT)
            return new Fault(FaultKind.EarlierOutputStays, removed.Error);
        if (!parent.CreateFile(leaf, io).Try(out IOutputFile? file, out error))
            return CreateFault(error);

        // With its length set, several writers can fill the file in any order. The file of a stream would grow with
        // each write, which is slower. Where the filesystem or a limit refuses the guessed length, it does so.
        IoResult sized = IoResult.Done;
        if (sizeBytes is null)
            _ = file.SetLength(StreamLengthBytes);
        else if (sizeBytes > 0)
            sized = file.SetLength(Alignment.Up(sizeBytes.Value));
        if (!sized.IsOk)
        {
            file.Dispose();
            _ = parent.RemoveTree(leaf);
            return CreateFault(sized.Error);
        }

        open.Add(file);
        return Result<IOutputFile, Fault>.Ok(file);
    }

    /// <summary>Writes the end of a compressed file.</summary>
    /// <returns>
    /// That the disk has no space for it: the file stays open, and may be finished with a shorter end. Null otherwise;
    /// <see cref="Finish"/> tells about other errors.
    /// </returns>
    public Fault? WriteEnd(IOutputFile file, StreamEnd end)
    {
        ended = ends!.Write(file, end);
        return ended.Error.IsNoSpace ? Fault.OfWrite(ended.Error, end.Offset) : null;
    }

    /// <summary>Gives a file its final length, syncs it and closes it.</summary>
    /// <param name="name">The path below <c>files/</c>.</param>
    /// <param name="file">The file; it must not be used afterwards.</param>
    /// <param name="sizeBytes">Its final length; for a compressed file, the end says it.</param>
    /// <param name="writtenBytes">How many bytes were written to it.</param>
    /// <param name="end">
    /// The end of a compressed file, just written by <see cref="WriteEnd"/>; null for a raw one.
    /// </param>
    /// <param name="hasLength">It was made with its length, unless it ends within a block.</param>
    /// <param name="heldBytes">How many bytes it has at least on its disk, if no other process has cut it.</param>
    public FinishedOutput Finish(
        string name,
        IOutputFile file,
        long sizeBytes,
        long writtenBytes,
        StreamEnd? end,
        bool hasLength = true,
        long heldBytes = 0)
    {
        Release(name, file);
        FinishedOutput finished;
        using (file)
        {
            finished = Complete(file, sizeBytes, writtenBytes, end, hasLength && end is null, heldBytes);
            if (finished.Fault is null)
                finished = Remember(name, file, end is null ? sizeBytes : end.Offset + finished.AddedBytes, finished);
        }

        if (finished.Fault is not null)
            _ = directories.RemoveFile(name);
        return finished;
    }

    /// <summary>
    /// Looks at the names of all finished files once more. Returns the path of one that leads to another file, or to a
    /// file of another length or with another name beside it; null where all are as they were finished.
    /// </summary>
    public string? FindChanged()
    {
        if (directories.FindMoved() is { } moved)
            return $"{BundleNames.Files}/{moved}";
        foreach ((string name, FileIdentity identity) in finishedOutputs)
        {
            pulse?.Beat();
            (string path, string leaf) = PathText.Split(name);
            if (!directories.Open(path).Try(out IDirectory? parent, out _)
                || !parent.Identify(leaf, out FileIdentity found).IsOk
                || found != identity)
            {
                return $"{BundleNames.Files}/{name}";
            }
        }

        return null;
    }

    /// <summary>
    /// Paths of what is below <c>files/</c> and is no finished file of this run, at most so many: another program has
    /// put it there, or a file that failed could not be removed. What cannot be listed is left out.
    /// </summary>
    public IEnumerable<string> FindForeign(int maxNames)
    {
        finishedOutputs.Sort(ByName);
        foreach (string path in directories.Paths)
        {
            string prefix = path.Length == 0 ? "" : $"{path}/";
            if (!directories.Open(path).Try(out IDirectory? directory, out _)
                || !directory.ListOthers(name => IsOurs(prefix + name), maxNames)
                    .Try(out IReadOnlyList<string>? names, out _))
            {
                continue;
            }

            foreach (string name in names)
                yield return $"{BundleNames.Files}/{prefix}{name}";
        }
    }

    private static readonly Comparer<(string Name, FileIdentity Identity)> ByName =
        Comparer<(string Name, FileIdentity Identity)>.Create(static (a, b) => string.CompareOrdinal(a.Name, b.Name));

    private bool IsOurs(string name) =>
        directories.Has(name) || finishedOutputs.BinarySearch((name, default), ByName) >= 0;

    /// <summary>Closes and removes a file of which nothing is worth keeping.</summary>
    /// <param name="name">The path below <c>files/</c>.</param>
    /// <param name="file">The file; it must not be used afterwards.</param>
    public void Discard(string name, IOutputFile file)
    {
        Release(name, file);
        file.Dispose();
        _ = directories.RemoveFile(name);
    }

    /// <summary>Closes a file and leaves it as it is, for a later run.</summary>
    public void Leave(string name, IOutputFile file)
    {
        Release(name, file);
        file.Dispose();
        earlierOutputs.Add(name);
    }

    /// <summary>Closes all files that are still open.</summary>
    public void Dispose()
    {
        foreach (IOutputFile file in open)
            file.Dispose();
        open.Clear();
        directories.Dispose();
    }

    // A process of the same user could cut the file, or give it a second name, by which it could be changed later.
    private FinishedOutput Remember(string name, IOutputFile file, long sizeBytes, FinishedOutput finished)
    {
        IoResult result = file.Identify(out FileIdentity identity);
        if (!result.IsOk)
            return finished with { Fault = new Fault(FaultKind.SyncFailed, result.Error) };
        if (identity.SizeBytes != sizeBytes || identity.Links > 1)
            return finished with { Fault = Changed };
        finishedOutputs.Add((name, identity));
        return finished;
    }

    private void Release(string name, IOutputFile file)
    {
        if (!open.Remove(file))
            throw new InvalidOperationException($"{name} was finished twice.");
    }

    private static Fault Changed => Fault.Of(FaultKind.WriteFailed, "another process changed the file");

    private FinishedOutput Complete(
        IOutputFile file, long sizeBytes, long writtenBytes, StreamEnd? end, bool hasLength, long heldBytes)
    {
        long addedBytes = 0;
        if (end is not null)
        {
            if (!ended.IsOk)
                return new FinishedOutput(file.CachedBytes(), 0, Fault.OfWrite(ended.Error, end.Offset));
            addedBytes = ended.Value;
            sizeBytes = end.Offset + addedBytes;
        }

        // Before its length is set, which would give a file that was cut its length back.
        if (!file.Holds(hasLength || end is not null ? sizeBytes : 0, heldBytes))
            return new FinishedOutput(file.CachedBytes(), addedBytes, Changed);

        IoResult sealing = Seal(file, sizeBytes, writtenBytes + addedBytes, hasLength);
        Fault? fault = sealing.IsOk ? null : new Fault(FaultKind.SyncFailed, sealing.Error);
        return new FinishedOutput(file.CachedBytes(), addedBytes, fault);
    }

    private IoResult Seal(IOutputFile file, long sizeBytes, long writtenBytes, bool hasLength)
    {
        bool hasTail = !Alignment.IsAligned(sizeBytes);
        // A raw file of whole blocks was made with its final length.
        if ((hasTail || !hasLength) && file.SetLength(sizeBytes) is { IsOk: false } cut)
            return cut;
        // After direct writes, one sync of the whole filesystem can serve many files. After writes through the page
        // cache each file is synced, because only its own fsync(2) reports its lost pages.
        if (syncsEachFile || writtenBytes >= OwnSyncBytes || io != OutputIo.Direct)
        {
            if (file.Sync() is { IsOk: false } unsynced)
                return unsynced;
        }
        else
        {
            HasUnsynced = true;
        }

        // Cutting off the padding leaves one page in the page cache (ext4 zeroes the rest of the block there): write it
        // back and drop it.
        long tail = Alignment.Down(sizeBytes);
        return hasTail ? file.WriteBack(tail, sizeBytes - tail) : IoResult.Done;
    }

    private static Fault CreateFault(Errno error) => error.IsNoSpace
        ? new Fault(FaultKind.NoSpace, error)
        : new Fault(error.Code == EEXIST ? FaultKind.NameTaken : FaultKind.CreateFailed, error);
}
