using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Write;

/// <summary>The one loop that reads whole blocks of an output, however many calls it takes.</summary>
internal static class BlockReader
{
    /// <summary>Reads all of it, or what there is before the end of the file or an error.</summary>
    /// <param name="output">The file.</param>
    /// <param name="destination">The memory.</param>
    /// <param name="length">How much, in bytes; whole blocks.</param>
    /// <param name="offset">Where in the file, in bytes; a block boundary.</param>
    /// <returns>How much is read, and the error that ended it early. The last block of a file may be short.</returns>
    public static IoResult Read(IOutputFile output, nint destination, int length, long offset)
    {
        int done = 0;
        while (done < length)
        {
            IoResult read = output.Read(destination + done, length - done, offset + done);
            if (read.Error.IsInterrupted)
                continue;
            if (!read.IsOk)
                return new IoResult(done, read.Error);
            // A read that stops inside a block is continued at the block's start: direct I/O takes nothing else.
            int whole = (int)Alignment.Down(read.Value);
            if (whole == 0)
                return IoResult.Ok(done + read.Value);
            done += whole;
        }

        return IoResult.Ok(done);
    }
}
