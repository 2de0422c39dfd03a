using BundleCopier.Model;
using BundleCopier.Native;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Carries writes out as late as it can and in any order, and does not take every write that it is given. What has changed or been given
/// back between beginning and end is found in the bundle, or by the kernel that knows the memory.
/// </summary>
internal sealed class SimOverlappedWrites(SimKernel kernel, int depth) : SimHandle(kernel, "overlapped writes"), IOverlappedWrites
{
    private readonly List<(int Tag, IOutputFile Output, MemoryPiece[] Pieces, long Offset)> underWay = [];
    private int count;

    public bool Begin(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
    {
        AssertOpen();
        Assert.InRange(tag, 0, depth - 1);
        Assert.InRange(pieces.Length, 1, IOverlappedWrites.MaxPieces);
        Assert.DoesNotContain(underWay, w => w.Tag == tag);
        Kernel.OverlappedWrites++;
        if (output.Io != OutputIo.Direct || ++count % 11 == 0)
            return false;
        underWay.Add((tag, output, pieces.ToArray(), offset));
        Kernel.MaxOverlapped = Math.Max(Kernel.MaxOverlapped, underWay.Count);
        return true;
    }

    public int Collect(Span<EndedWrite> ended, bool wait)
    {
        AssertOpen();
        if (underWay.Count == 0)
            return wait ? throw new InvalidOperationException("Nothing is under way: this wait would never end.") : 0;
        int ending = wait ? 1 + (count % underWay.Count) : 0;
        for (int i = 0; i < ending; i++)
        {
            int drawn = (count + (7 * i)) % underWay.Count;
            (int tag, IOutputFile output, MemoryPiece[] pieces, long offset) = underWay[drawn];
            underWay.RemoveAt(drawn);
            ended[i] = new EndedWrite(tag, Write(output, pieces, offset));
        }

        return ending;
    }

    // The kernel waits for what is under way: it is written, whatever becomes of it, and nobody is told.
    protected override void Closing()
    {
        foreach ((_, IOutputFile output, MemoryPiece[] pieces, long offset) in underWay)
        {
            try
            {
                _ = Write(output, pieces, offset);
            }
            catch (PlantedBugException)
            {
                // It kills who makes the call, and nobody makes this one.
            }
        }

        underWay.Clear();
    }

    private static IoResult Write(IOutputFile output, MemoryPiece[] pieces, long offset)
    {
        long done = 0;
        foreach (MemoryPiece piece in pieces)
        {
            IoResult written = output.Write(piece.Address, piece.Length, offset + done);
            if (!written.IsOk)
                return done > 0 ? IoResult.Ok(done) : written;
            done += written.Value;
            if (written.Value < piece.Length)
                break;
        }

        return done > 0 ? IoResult.Ok(done) : IoResult.Failed(EIO);
    }
}
