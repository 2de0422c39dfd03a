using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>
/// A file while it is restored, under its hidden name. It gets its own name when all of it is on disk, and is removed
/// otherwise. Written by several threads at a time, each its own segments.
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

    /// <summary>Makes the file, with room for the last block to be written whole.</summary>
    public static RestoredFile? Create(ExtractTarget target, string name, long sizeBytes, out string? problem)
    {
        (string partialName, string finalName) = ExtractTarget.LeavesOf(name);
        Errno error = target.MakeParent(name, out IDirectory? parent);
        if (!error.IsError && parent!.CreateFile(partialName, target.Io).Try(out IOutputFile? output, out error))
        {
            RestoredFile file = new(parent, output, partialName, finalName);
            IoResult sized = sizeBytes == 0 ? IoResult.Done : output.SetLength(Alignment.Up(sizeBytes));
            problem = sized.IsOk ? null : Describe("It cannot be made", sized.Error);
            if (problem is null)
                return file;
            file.Discard();
            return null;
        }

        problem = error.Code == EEXIST
            ? $"{partialName} is in its way: another extract is running, or was killed. Remove it."
            : Describe("It cannot be made", error);
        return null;
    }

    /// <summary>Writes the runs of a lease.</summary>
    public Errno Write(long segment, Lease lease)
    {
        foreach (Run run in lease.Runs.AsSpan())
        {
            for (int done = 0; done < run.Length;)
            {
                IoResult written = output.Write(
                    lease.Address + run.Offset + done, run.Length - done, (segment * SegmentGrid.SegmentBytes) + run.Offset + done);
                if (written.Error.IsInterrupted)
                    continue;
                // A write that stops inside a block is continued at the block's start: direct I/O takes nothing else.
                int whole = written.IsOk ? (int)Alignment.Down(written.Value) : 0;
                if (whole == 0)
                    return written.IsOk ? new Errno(EIO) : written.Error;
                done += whole;
            }
        }

        return Errno.None;
    }

    /// <summary>Gives the file its length, sees it to disk, and gives it its name; removes it when any of that fails.</summary>
    /// <returns>Null, or what is wrong and what to do.</returns>
    public string? Publish(long sizeBytes)
    {
        bool hasTail = !Alignment.IsAligned(sizeBytes);
        IoResult result = hasTail ? output.SetLength(sizeBytes) : IoResult.Done;
        if (result.IsOk)
            result = output.Sync();
        long tail = Alignment.Down(sizeBytes);
        // Cutting off the padding went through the page cache and left one page there.
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

    public void Discard()
    {
        output.Dispose();
        _ = parent.RemoveTree(partialName);
    }

    public static string Describe(string what, Errno error) => error.IsNoSpace
        ? $"{what}: the disk is full ({error.Name}). Free space, or name another directory."
        : $"{what}: {error.Name}. Check the disk and the directory's owner.";
}
