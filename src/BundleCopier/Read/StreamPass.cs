using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using static Tmds.Linux.LibC;

namespace BundleCopier.Read;

/// <summary>
/// Reads the next segment of a stream into a lease, in order and piece by piece. It ends early where the stream ends,
/// and then the segment is whole as far as it goes. Synchronous and without actors; it allocates nothing once made.
/// </summary>
/// <param name="options">What the reader looks for in the bytes.</param>
/// <param name="nowMs">The monotonic clock.</param>
internal sealed class StreamPass(CopyOptions options, Func<long> nowMs)
{
    private readonly SegmentInspector inspector = new();
    private OpenedSource? file;
    private StreamState? state;
    private Lease? lease;
    private int filled;
    private int inspected;

    /// <summary>What was found in the segment that <see cref="Step"/> has ended.</summary>
    public SegmentOutcome Outcome { get; private set; }

    /// <summary>Begins the stream's next segment.</summary>
    public void Begin(OpenedSource source, Lease into)
    {
        into.Empty();
        (file, state, lease, filled, inspected) = (source, source.Stream!, into, 0, 0);
        inspector.Begin();
    }

    /// <summary>Reads once.</summary>
    /// <param name="leftBytes">
    /// How much may still be read now; lowered by what was read, and 0 where nothing came.
    /// </param>
    /// <param name="waitMs">How long to wait for bytes.</param>
    /// <returns>True when the segment has ended: <see cref="Outcome"/> says how.</returns>
    public bool Step(ref int leftBytes, int waitMs)
    {
        if (state!.HasEnded || state.IsCut)
            return End();
        IoResult ready = file!.Source.AwaitData(waitMs);
        if (ready is { IsOk: true, Value: 0 })
            return GiveNothing(ref leftBytes);
        int pieceEnd = Math.Min(inspected + SegmentReader.PieceBytes, SegmentGrid.SegmentBytes);
        IoResult read = ready.IsOk
            ? file.Source.Read(lease!.Address + filled, pieceEnd - filled, state.Position)
            : ready;
        if (read.Error.IsInterrupted)
            return false;
        if (read.Error.Code == EAGAIN)
            return GiveNothing(ref leftBytes);
        if (!read.IsOk)
        {
            state.Fail(new Fault(FaultKind.ReadFailed, read.Error, $"at offset {state.Position}"));
            return End();
        }

        if (read.Value == 0)
        {
            state.ReachEnd();
            return End();
        }

        state.Take(lease!.Slab.Slice(filled, (int)read.Value));
        filled += (int)read.Value;
        leftBytes -= (int)read.Value;
        if (filled == pieceEnd)
            Inspect(pieceEnd);
        return filled == SegmentGrid.SegmentBytes && End();
    }

    private bool GiveNothing(ref int leftBytes)
    {
        leftBytes = 0;
        state!.GiveNothing(nowMs());
        return state.HasEnded && End();
    }

    private bool End()
    {
        int end = Alignment.Up(filled) is var blocks && blocks > inspected ? (int)blocks : inspected;
        lease!.Slab[filled..end].Clear();
        if (end > inspected)
            Inspect(end);
        if (options.Inspects)
        {
            ulong? digest = inspector.End();
            lease.Digest = options.Checksum ? digest : null;
            foreach (Run run in options.ZeroDetection ? inspector.Found.AsSpan() : [])
                lease.Runs.Add(run.Offset, run.Length);
        }

        Outcome = new SegmentOutcome(filled, filled, null);
        (file, lease) = (null, null);
        return true;
    }

    private void Inspect(int end)
    {
        if (options.Inspects)
            inspector.Inspect(lease!.Slab, inspected, end - inspected);
        if (!options.ZeroDetection)
            lease!.Runs.Add(inspected, end - inspected);
        inspected = end;
    }
}
