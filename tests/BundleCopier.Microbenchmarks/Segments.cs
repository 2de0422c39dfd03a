using System.Globalization;
using System.Text;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Supervise;

namespace BundleCopier.Microbenchmarks;

/// <summary>
/// Segments in slabs, as in a copy. As many as a raw copy has in flight take turns. Together they are larger than a
/// core's own cache, so each segment is found in the same level of the caches as in a copy.
/// </summary>
internal sealed class Segments : IDisposable
{
    public const int SegmentBytes = SegmentGrid.SegmentBytes;

    private const int InFlight = 8;
    private const int Seed = 1;

    private readonly CopyMemory memory;
    private readonly Lease[] leases = new Lease[InFlight];
    private int turn;

    private Segments(Action<Span<byte>> fill)
    {
        // One more, for the output of an operation.
        MemoryPlan plan = MemoryPlan.Of(
            new CopySettings { BudgetBytes = (InFlight + 1L) * SegmentBytes }, compresses: false);
        if (!CopyMemory.Take(LinuxKernel.Instance, plan).Try(out CopyMemory? taken, out Errno error))
            throw new InvalidOperationException($"There is no memory for the segments: {error}");
        memory = taken;
        for (int i = 0; i < InFlight; i++)
        {
            leases[i] = memory.Slabs.Rent();
            fill(leases[i].Slab);
            leases[i].Runs.Add(0, SegmentBytes);
        }

        Target = memory.Slabs.Rent();
        Target.Slab.Fill(1); // touched, like every slab that is not used for the first time
    }

    /// <summary>The buffer for the output of an operation.</summary>
    public Lease Target { get; }

    /// <summary>The next segment, as one run.</summary>
    public Lease Next() => leases[turn++ % InFlight];

    public static Segments OfZeros() => new(static slab => slab.Clear());

    public static Segments OfRandomBytes()
    {
        Random random = new(Seed);
        return new(random.NextBytes);
    }

    /// <summary>
    /// The worst case for the search for zeros: it reads each block to its end and finds nothing.
    /// </summary>
    public static Segments OfBlocksThatEndInAByte() => new(static slab =>
    {
        slab.Clear();
        for (int end = Alignment.Bytes; end <= slab.Length; end += Alignment.Bytes)
            slab[end - 1] = 1;
    });

    /// <summary>Text like a log.</summary>
    public static Segments OfText()
    {
        long line = 0;
        return new(slab =>
        {
            StringBuilder text = new();
            while (text.Length < slab.Length)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{line++:d9} engine: worker {line * line % 7919} took {line * 31 % 104729} us\n");
            Encoding.ASCII.GetBytes(text.ToString(0, slab.Length), slab);
        });
    }

    public void Dispose()
    {
        memory.Slabs.Return(Target);
        foreach (Lease lease in leases)
            memory.Slabs.Return(lease);
        memory.Dispose();
    }
}
