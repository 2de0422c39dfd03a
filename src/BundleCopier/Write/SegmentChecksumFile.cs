using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// The file <c>checksums</c> of a bundle: the hashes of the segments of raw files, one record for each file
/// (docs/format.md). It is made with the first record. An error while it is written costs only its records. If another
/// process changes it before the commit, nothing is committed. Synchronous and without actors.
/// </summary>
/// <param name="bundle">The bundle's directory, which the caller owns.</param>
/// <param name="io">How it is written.</param>
/// <param name="slab">Memory for one segment, which only the keeper uses.</param>
internal sealed class SegmentChecksumFile(IDirectory bundle, OutputIo io, nint slab) : IDisposable
{
    // A receipt counts in blocks where a record is (FileOutcome), in 32 bits.
    private const long MaxBytes = uint.MaxValue * (long)Alignment.Bytes;

    private IOutputFile? file;
    private FileIdentity identity;
    private long end;
    private bool wasCut;

    /// <summary>True when the bundle has no such file, and the receipt may list no record.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Writes the record of a file.</summary>
    /// <returns>Its offset; null where it cannot be written. The next record is tried again.</returns>
    public long? Add(IReadOnlyList<SegmentDigest> segments)
    {
        if (IsGivenUp || end >= MaxBytes || !Open())
            return null;
        using SlabStream stream = new(file!, slab, end);
        SegmentRecord.Write(stream, segments);
        if (!stream.WriteRest().IsOk)
            return null;
        long offset = end;
        end += stream.Length;
        return offset;
    }

    /// <summary>
    /// Cuts off what is behind the last record, and syncs the file. Removes it where that fails, or it has no record.
    /// </summary>
    public void Complete()
    {
        if (file is null)
            return;
        // Before its length is set, which would give a file that was cut its length back.
        wasCut = !file.Holds(end, end);
        bool isDone = end > 0
            && file.SetLength(end).IsOk
            && file.Sync().IsOk
            && file.Identify(out identity).IsOk
            && identity.SizeBytes == end;
        Dispose();
        if (isDone)
            return;
        IsGivenUp = true;
        _ = bundle.RemoveTree(BundleNames.SegmentChecksums);
    }

    /// <summary>Whether another process has changed the file since it was completed.</summary>
    public bool IsChanged() =>
        end > 0 && !IsGivenUp && (wasCut || bundle.IsChanged(BundleNames.SegmentChecksums, identity));

    public void Dispose()
    {
        file?.Dispose();
        file = null;
    }

    private bool Open()
    {
        if (file is null && !bundle.CreateFile(BundleNames.SegmentChecksums, io).Try(out file, out Errno error))
            IsGivenUp = error.Code == EEXIST;
        return file is not null;
    }
}
