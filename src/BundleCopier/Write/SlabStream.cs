using BundleCopier.Actors;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// Writes a stream of bytes into a file by whole slabs, so that the receipt goes around the page cache like everything
/// else. Errors of the disk do not throw: they stop the writing and are told by <see cref="Complete"/>.
/// </summary>
internal sealed class SlabStream(IOutputFile file, nint slab, long startOffset = 0, Pulse? pulse = null)
    : Stream
{
    private long flushedBytes;
    private int heldBytes;
    private Errno failure;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => flushedBytes + heldBytes;

    public override long Position { get => Length; set => throw new NotSupportedException(); }

    /// <summary>Writes the rest, padded to a block, cuts the file to its length and syncs it.</summary>
    /// <param name="syncs">It is synced; without, its length is set and no more.</param>
    /// <returns>The length of the file; -1 where another process has cut it meanwhile.</returns>
    public IoResult Complete(bool syncs = true)
    {
        long sizeBytes = startOffset + Length;
        if (WriteRest() is { IsOk: false } failed)
            return failed;
        // Before its length is set, which would give a file that was cut its length back.
        bool isWhole = file.Holds(startOffset + flushedBytes, flushedBytes);
        IoResult result = file.SetLength(sizeBytes);
        if (!syncs)
            return Ended(result);
        if (result.IsOk)
            result = file.Sync();
        if (result.IsOk)
            result = file.WriteBack(Alignment.Down(sizeBytes), Alignment.Bytes);
        return Ended(result);

        IoResult Ended(IoResult last) => last.IsOk ? IoResult.Ok(isWhole ? sizeBytes : -1) : last;
    }

    /// <summary>Writes the rest, padded to a block; the file is longer than the stream by the padding then.</summary>
    public IoResult WriteRest()
    {
        if (heldBytes > 0)
        {
            int padded = (int)Alignment.Up(heldBytes);
            Slab[heldBytes..padded].Clear();
            heldBytes = padded;
            WriteSlab();
        }

        return failure.IsError ? IoResult.Failed(failure) : IoResult.Done;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0 && !failure.IsError)
        {
            int take = Math.Min(buffer.Length, SegmentGrid.SegmentBytes - heldBytes);
            buffer[..take].CopyTo(Slab[heldBytes..]);
            heldBytes += take;
            buffer = buffer[take..];
            if (heldBytes == SegmentGrid.SegmentBytes)
                WriteSlab();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Only whole blocks can be written; the rest waits for Complete.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private unsafe Span<byte> Slab => new((void*)slab, SegmentGrid.SegmentBytes);

    private void WriteSlab()
    {
        int done = 0;
        while (done < heldBytes && !failure.IsError)
        {
            IoResult written = file.Write(slab + done, heldBytes - done, startOffset + flushedBytes + done);
            if (written.Error.IsInterrupted)
                continue;
            int whole = written.IsOk ? (int)Alignment.Down(written.Value) : 0;
            if (whole == 0)
                failure = written.IsOk ? new Errno(EIO) : written.Error;
            done += whole;
            pulse?.Beat();
        }

        flushedBytes += heldBytes;
        heldBytes = 0;
    }
}
