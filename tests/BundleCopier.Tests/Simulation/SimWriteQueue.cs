using BundleCopier.Model;
using BundleCopier.Native;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Does writes late and in any order, and refuses some. If memory or a file changes or is freed before its write has
/// ended, the check of the bundle or the kernel detects it.
/// </summary>
internal sealed class SimWriteQueue(SimKernel kernel, int depth, int seed)
    : SimHandle(kernel, "write queue"), IWriteQueue
{
    private const int LookMs = 5;

    private readonly Random random = new(seed);
    private readonly List<Write> prepared = [];
    private readonly List<Write> inFlight = [];

    public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
    {
        AssertOpen();
        Assert.InRange(tag, 0, depth - 1);
        Assert.InRange(pieces.Length, 1, IWriteQueue.MaxPieces);
        Assert.DoesNotContain(prepared.Concat(inFlight), w => w.Tag == tag);
        if (output.Io != OutputIo.Direct || random.Next(11) == 0
            || Kernel.DeadlyWrites.Contains((((SimHandle)output).Name, offset)))
            return false;
        prepared.Add(new Write(tag, (SimOutputFile)output, pieces.ToArray(), offset));
        return true;
    }

    public int Submit()
    {
        AssertOpen();
        // io_submit(2) itself hangs on a frozen filesystem; FUSE takes the writes and does not end them.
        if (IsFrozen && random.Next(2) == 0)
            AsideThread.Park();
        int taken = random.Next(13) == 0 ? random.Next(prepared.Count + 1) : prepared.Count;
        inFlight.AddRange(prepared[..taken]);
        prepared.Clear();
        Kernel.OverlappedWrites += taken;
        Kernel.QueuedWrites += taken > 1 ? taken : 0;
        Kernel.MaxOverlapped = Math.Max(Kernel.MaxOverlapped, inFlight.Count);
        return taken;
    }

    public int Collect(Span<EndedWrite> ended, bool wait)
    {
        AssertOpen();
        if (IsFrozen)
        {
            // A writer that looks again and again must not keep the clock from going on.
            Kernel.Idle(LookMs);
            return wait ? throw new InvalidOperationException("This wait may never end.") : 0;
        }

        if (inFlight.Count == 0)
            return wait ? throw new InvalidOperationException("Nothing is in flight: this wait would never end.") : 0;
        int ending = random.Next(wait ? 1 : 0, inFlight.Count + 1);
        for (int i = 0; i < ending; i++)
        {
            Write write = inFlight[random.Next(inFlight.Count)];
            inFlight.Remove(write);
            try
            {
                ended[i] = new EndedWrite(write.Tag, Do(write));
            }
            catch (PlantedBugException)
            {
                // The caller cannot be told which write it was. The next queue refuses this write, so the bug happens
                // again in a call that waits.
                Kernel.DeadlyWrites.Add((write.Output.Name, write.Offset));
                throw;
            }
        }

        return ending;
    }

    // The kernel waits for writes in flight: they are done, but not reported.
    protected override void Closing()
    {
        if (IsFrozen && inFlight.Count > 0)
            AsideThread.Park();
        foreach (Write write in inFlight)
        {
            try
            {
                _ = Do(write);
            }
            catch (PlantedBugException)
            {
                // The bug would kill its caller, but this write has no caller any more.
            }
        }

        inFlight.Clear();
    }

    private bool IsFrozen => Kernel.Hang is { IsOfDestination: true, IsFrozen: true };

    private static IoResult Do(Write write)
    {
        long done = 0;
        foreach (MemoryPiece piece in write.Pieces)
        {
            IoResult written = write.Output.WriteInFlight(piece.Address, piece.Length, write.Offset + done);
            if (!written.IsOk)
                return done > 0 ? IoResult.Ok(done) : written;
            done += written.Value;
            if (written.Value < piece.Length)
                break;
        }

        return done > 0 ? IoResult.Ok(done) : IoResult.Failed(EIO);
    }

    private sealed record Write(int Tag, SimOutputFile Output, MemoryPiece[] Pieces, long Offset);
}
