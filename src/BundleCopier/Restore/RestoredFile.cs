using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Write;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// A file while it is restored. It has no name (O_TMPFILE), or a hidden random one where the filesystem has no such
/// files. It gets its own name when all of it is on disk, and is removed otherwise. Several threads write at the same
/// time, each to other segments.
/// </summary>
internal sealed class RestoredFile
{
    private readonly IDirectory parent;
    private readonly IOutputFile output;
    private readonly string? hiddenName;
    private readonly string finalName;

    private RestoredFile(IDirectory parent, IOutputFile output, string? hiddenName, string finalName)
    {
        this.parent = parent;
        this.output = output;
        this.hiddenName = hiddenName;
        this.finalName = finalName;
    }

    /// <summary>
    /// Makes the file, long enough to write its last block whole; or tells what is wrong and what to do.
    /// </summary>
    public static Result<RestoredFile, string> Create(ExtractTarget target, string name, long sizeBytes)
    {
        if (!target.MakeParent(name).Try(out IDirectory? parent, out Errno error))
            return Describe("Its directory cannot be made", error);
        string? hiddenName = null;
        if (!parent.CreateNameless(target.Io).Try(out IOutputFile? output, out error))
        {
            // Filesystems without such files say so in several ways; any other error comes again below.
            hiddenName = $".bundlecopy-{Guid.NewGuid():N}.partial";
            if (!parent.CreateFile(hiddenName, target.Io).Try(out output, out error))
                return Describe("It cannot be made", error);
        }

        RestoredFile file = new(parent, output, hiddenName, PathText.Name(name));
        IoResult sized = sizeBytes == 0 ? IoResult.Done : output.SetLength(Alignment.Up(sizeBytes));
        if (sized.IsOk)
            return file;
        file.Discard();
        return Describe("It cannot be made", sized.Error);
    }

    /// <summary>Writes the runs of a lease, which are whole blocks.</summary>
    public IoResult Write(long segment, Lease lease)
    {
        foreach (Run run in lease.Runs.AsSpan())
        {
            long offset = SegmentGrid.StartOfSegment(segment) + run.Offset;
            IoResult written = BlockWriter.Write(output, lease.Address + run.Offset, run.Length, offset);
            if (!written.IsOk)
                return written;
        }

        return IoResult.Done;
    }

    /// <summary>Writes the start of a slab, which is a whole file of one segment at most.</summary>
    public IoResult Write(nint slab, int sizeBytes) =>
        BlockWriter.Write(output, slab, (int)Alignment.Up(sizeBytes), 0);

    /// <summary>Another program has given its name to something else meanwhile.</summary>
    public bool IsNameTaken { get; private set; }

    /// <summary>
    /// Gives the file its length, syncs it, and gives it its name. Removes it when any of that fails.
    /// </summary>
    /// <param name="sizeBytes">The length.</param>
    /// <param name="finish">
    /// Called when the content is complete, before the file has its name; null for nothing.
    /// </param>
    /// <returns>What is wrong and what to do; null when nothing is.</returns>
    public string? Publish(long sizeBytes, Action<IOutputFile>? finish = null)
    {
        bool hasTail = !Alignment.IsAligned(sizeBytes);
        IoResult result = hasTail ? output.SetLength(sizeBytes) : IoResult.Done;
        if (result.IsOk)
            finish?.Invoke(output);
        if (result.IsOk)
            result = output.Sync();
        long tail = Alignment.Down(sizeBytes);
        // ftruncate(2) of the padding goes through the page cache and leaves one page there.
        if (result.IsOk && hasTail)
            result = output.WriteBack(tail, sizeBytes - tail);
        if (!result.IsOk)
        {
            Discard();
            return Describe("It cannot be written", result.Error);
        }

        result = TakeName();
        if (!result.IsOk)
        {
            Discard();
            IsNameTaken = result.Error.Code == EEXIST;
            return IsNameTaken
                ? "It exists already, and is not overwritten. Move it away, or name another directory."
                : Describe("It cannot get its name", result.Error);
        }

        bool isSame = !output.Identify(out FileIdentity own).IsOk
            || !parent.Identify(finalName, out FileIdentity named).IsOk
            || named.IsSameFile(own);
        output.Dispose();
        return isSame
            ? null
            : "Another process has put another file in its place. Use a directory in which no other user may write.";
    }

    /// <summary>Removes the file.</summary>
    public void Discard()
    {
        output.Dispose();
        if (hiddenName is not null)
            _ = parent.RemoveTree(hiddenName);
    }

    private IoResult TakeName() =>
        hiddenName is null ? parent.Link(output, finalName) : parent.RenameFile(hiddenName, finalName);

    /// <summary>A message about an error of the destination.</summary>
    public static string Describe(string what, Errno error) => error.IsNoSpace
        ? $"{what}: the disk is full ({error.Name}). Free space, or name another directory."
        : $"{what}: {error.Name}. Check the disk and the directory's owner.";
}
