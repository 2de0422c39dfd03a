using BundleCopier.Faults;
using BundleCopier.Receipt;
using BundleCopier.Restore;

namespace BundleCopier.Tests.Restore;

/// <summary>
/// Damages files at random and checks that the damage is found. A seed and a number make a case, so any case can be
/// repeated alone.
/// </summary>
internal sealed class DamageFuzz(int seed)
{
    // Reading any file allocates no more than this: objects, no buffers.
    private const long MaxAllocatedBytes = 256 * 1024;

    private static readonly ReceiptFile[] Entries = [.. Contents.All.Select(static c => Reading.Entry(c.Content))];

    private long found;
    private long harmless;

    /// <summary>Cases in which the damage was found.</summary>
    public long Found => found;

    /// <summary>Cases in which the damage lies between the frames, where extract does not read.</summary>
    public long Harmless => harmless;

    /// <summary>Runs cases on two threads, for a number of cases or a time.</summary>
    public void Run(int from, int count, DateTime until)
    {
        int next = from - 1;
        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, _ =>
        {
            using Reading reading = new();
            for (int at; (at = Interlocked.Increment(ref next)) < from + count && DateTime.UtcNow < until;)
                RunOne(at, reading);
        });
    }

    /// <summary>Runs one case. Throws with its number and the damage if the damage is not found.</summary>
    public void RunOne(int number, Reading reading)
    {
        Random random = new(unchecked((seed * 486_187_739) + number));
        int which = random.Next(Contents.All.Count);
        (string what, byte[] content, byte[] file) = Contents.All[which];
        byte[] damaged = [.. file];
        string done = "";
        for (int edits = random.Next(4) == 0 ? random.Next(2, 5) : 1; edits > 0; edits--)
            done += $"{Damage(ref damaged, random)}; ";
        if (damaged.AsSpan().SequenceEqual(file))
            return;
        try
        {
            CheckReport(reading, damaged, content, Entries[which], checksGaps: true);
            CheckReport(reading, damaged, content, Entries[which], checksGaps: false);
            CheckSalvage(reading, damaged, content, Entries[which]);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException(
                $"seed {seed}, case {number}: \"{what}\" of {file.Length} bytes: {done}{error.Message}", error);
        }
    }

    private void CheckReport(Reading reading, byte[] damaged, byte[] content, ReceiptFile entry, bool checksGaps)
    {
        byte[] read = new byte[content.Length];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Damage? damage = reading.Check(damaged, entry, checksGaps, read);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > MaxAllocatedBytes)
            throw new InvalidOperationException($"{allocated} bytes were allocated");
        // Extract does not read the bytes between the frames; verify reads every byte.
        if (damage is null && (checksGaps || !read.AsSpan().SequenceEqual(content)))
            throw new InvalidOperationException("the damage was not found");
        if (damage is null)
            Interlocked.Increment(ref harmless);
        else
            Interlocked.Increment(ref found);
    }

    // What extract --keep-damaged keeps is right, and it says what is lost.
    private static void CheckSalvage(Reading reading, byte[] damaged, byte[] content, ReceiptFile entry)
    {
        byte[] read = new byte[content.Length];
        FileDamage? damage = reading.Check(damaged, entry, ContentUse.Salvage, read);
        if (damage?.First.Kind is DamageKind.FileChecksum or DamageKind.WrongSize)
            return;
        byte[] expected = [.. content];
        foreach (Damage place in damage?.Damages ?? [])
        {
            if (place.Lost is not { } lost)
                continue;
            expected.AsSpan((int)lost.Offset, (int)lost.Length).Clear();
            read.AsSpan((int)lost.Offset, (int)lost.Length).Clear();
        }

        if (!read.AsSpan().SequenceEqual(expected))
            throw new InvalidOperationException("what was saved is not right");
    }

    private static string Damage(ref byte[] file, Random random)
    {
        if (file.Length == 0)
            return "nothing left";
        int at = random.Next(2) == 0 ? random.Next(file.Length) : Math.Max(0, file.Length - 1 - random.Next(200));
        int length = Math.Min(file.Length - at, 1 << random.Next(14));
        switch (random.Next(9))
        {
            case 0:
            case 1:
            case 2:
                int bit = random.Next(8);
                file[at] ^= (byte)(1 << bit);
                return $"bit {bit} of byte {at}";
            case 3:
                random.NextBytes(file.AsSpan(at, length));
                return $"{length} random bytes at {at}";
            case 4:
                // Zeros, like after a lost write.
                file.AsSpan(at, length).Clear();
                return $"{length} zeros at {at}";
            case 5:
                file = file[..at];
                return $"cut to {at}";
            case 6:
                file = [.. file[..at], .. file[(at + length)..]];
                return $"{length} bytes taken out at {at}";
            case 7:
                file = [.. file[..at], .. file.AsSpan(at, length), .. file[at..]];
                return $"{length} bytes twice at {at}";
            default:
                int from = random.Next(file.Length - length + 1);
                file.AsSpan(from, length).ToArray().CopyTo(file.AsSpan(at));
                return $"{length} bytes of {from} at {at}";
        }
    }
}
