using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Write;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// A file while it is restored, under a hidden name. It gets its own name when all of it is on disk, and is removed
/// otherwise. Several threads write at the same time, each to other segments.
/// </summary>
internal sealed class RestoredFile
{
    private readonly IDirectory parent;
    private readonly IOutputFile output;
    private readonly string partialName;
    private readonly string finalName;

    private RestoredFile(IDirectory parent, IOutputFile output, string partialName, string finalName)
    {
        this.parent = parent;
        this.output = output;
        this.partialName = partialName;
        this.finalName = finalName;
    }

    /// <summary>
    /// Makes the file, long enough to write its last block whole; or tells what is wrong and what to do.
    /// </summary>
    public static Result<RestoredFile, string> Create(ExtractTarget target, string name, long sizeBytes)
    {
        (string partialName, string finalName) = ExtractTarget.LeavesOf(name);
        if (target.MakeParent(name).Try(out IDirectory? parent, out Errno error)
            && parent.CreateFile(partialName, target.Io).Try(out IOutputFile? output, out error))
        {
            RestoredFile file = new(parent, output, partialName, finalName);
            IoResult sized = sizeBytes == 0 ? IoResult.Done : output.SetLength(Alignment.Up(sizeBytes));
            if (sized.IsOk)
                return file;
            file.Discard();
            error = sized.Error;
        }

        return error.Code == EEXIST
            ? $"{partialName} is in its way: another extract is running, or was killed. Remove it."
            : Describe("It cannot be made", error);
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

    /// <summary>
    /// Gives the file its length, syncs it, and gives it its name. Removes it when any of that fails.
    /// </summary>
    /// <returns>What is wrong and what to do; null when nothing is.</returns>
    public string? Publish(long sizeBytes)
    {
        bool hasTail = !Alignment.IsAligned(sizeBytes);
        IoResult result = hasTail ? output.SetLength(sizeBytes) : IoResult.Done;
        if (result.IsOk)
            result = output.Sync();
        long tail = Alignment.Down(sizeBytes);
        // ftruncate(2) of the padding goes through the page cache and leaves one page there.
        if (result.IsOk && hasTail)
            result = output.Settle(tail, sizeBytes - tail);
        if (!result.IsOk)
        {
            Discard();
            return Describe("It cannot be written", result.Error);
        }

        output.Dispose();
        result = parent.Rename(partialName, finalName);
        if (result.IsOk)
            return null;
        _ = parent.RemoveTree(partialName);
        return result.Error.Code == EEXIST
            ? "It exists already, and is not overwritten. Move it away, or name another directory."
            : Describe("It cannot be renamed", result.Error);
    }

    /// <summary>Removes the file.</summary>
    public void Discard()
    {
        output.Dispose();
        _ = parent.RemoveTree(partialName);
    }

    /// <summary>A message about an error of the destination.</summary>
    public static string Describe(string what, Errno error) => error.IsNoSpace
        ? $"{what}: the disk is full ({error.Name}). Free space, or name another directory."
        : $"{what}: {error.Name}. Check the disk and the directory's owner.";
}
