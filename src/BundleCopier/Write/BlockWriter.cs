using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>The one loop that writes whole blocks, however many calls it takes.</summary>
internal static class BlockWriter
{
    /// <summary>
    /// Writes all of it, or what can be written before an error. A full disk takes all of a direct write or nothing,
    /// so the last megabytes are tried in ever smaller pieces.
    /// </summary>
    /// <param name="output">The file.</param>
    /// <param name="source">The memory.</param>
    /// <param name="length">How much, in bytes; whole blocks.</param>
    /// <param name="offset">Where in the file, in bytes.</param>
    /// <param name="pieceBytes">The most that one call writes; whole blocks.</param>
    /// <returns>How much is written, and the error that ended it early.</returns>
    public static IoResult Write(
        IOutputFile output, nint source, int length, long offset, int pieceBytes = int.MaxValue)
    {
        int done = 0;
        int maxBytes = pieceBytes;
        while (done < length)
        {
            int piece = Math.Min(maxBytes, length - done);
            IoResult written = output.Write(source + done, piece, offset + done);
            if (written.Error.IsInterrupted)
                continue;
            // A write that stops inside a block is continued at the block's start: direct I/O takes nothing else.
            int whole = written.IsOk ? (int)Alignment.Down(written.Value) : 0;
            done += whole;
            if (whole > 0)
                continue;
            Errno error = written.IsOk ? new Errno(EIO) : written.Error;
            if (!error.IsNoSpace || piece == Alignment.Bytes)
                return new IoResult(done, error);
            maxBytes = (int)Math.Max(Alignment.Bytes, Alignment.Down(piece / 2));
        }

        return IoResult.Ok(done);
    }
}
