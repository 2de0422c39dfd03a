using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>Writes all of something, however many calls it takes.</summary>
internal static class Transfer
{
    /// <summary>
    /// Writes and returns how much is on disk: all of it, or what came before the error. A full disk takes all of a direct
    /// write or nothing, so the last megabytes are tried in ever smaller pieces.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="source">What.</param>
    /// <param name="length">How much.</param>
    /// <param name="offset">Where in the output.</param>
    /// <param name="pieceBytes">The most that one call writes; whole blocks.</param>
    /// <param name="error">What ended it before all was written.</param>
    /// <param name="begun">What came of the first call, a write of everything; null when it is still to be made.</param>
    public static int Write(IOutputFile output, nint source, int length, long offset, int pieceBytes, out Errno error, IoResult? begun = null)
    {
        error = Errno.None;
        int done = 0;
        int most = pieceBytes;
        while (done < length)
        {
            int piece = Math.Min(most, length - done);
            IoResult written = begun ?? output.Write(source + done, piece, offset + done);
            begun = null;
            if (written.Error.IsInterrupted)
                continue;
            // A write that stops inside a block is continued at the block's start: direct I/O takes nothing else.
            int whole = written.IsOk ? (int)Alignment.Down(written.Value) : 0;
            done += whole;
            if (written.IsOk && whole > 0)
                continue;
            if (written.IsOk)
                written = IoResult.Failed(EIO);
            if (!written.Error.IsNoSpace || piece == Alignment.Bytes)
            {
                error = written.Error;
                return done;
            }

            most = (int)Math.Max(Alignment.Bytes, Alignment.Down(piece / 2));
        }

        return done;
    }
}
