using BundleCopier.Faults;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// Collects what several threads find out about one file: the checksum of the content, and the damage with the lowest
/// offset, so that the result does not depend on which thread was faster.
/// </summary>
internal sealed class ContentCheck
{
    private readonly Lock gate = new();
    private readonly FileChecksum checksum = new();
    private Damage? first;

    public Damage? Damage
    {
        get
        {
            lock (gate)
                return first;
        }
    }

    /// <summary>Adds what a thread has found; null where it found nothing.</summary>
    public void AddDamage(Damage? damage)
    {
        if (damage is null)
            return;
        lock (gate)
        {
            if (first is null || damage.Offset < first.Offset)
                first = damage;
        }
    }

    /// <summary>Adds the hash of a segment; null where the segment is all zeros.</summary>
    public void Add(long segment, ulong? digest)
    {
        if (digest is not { } value)
            return;
        lock (gate)
            checksum.Add(segment, value);
    }

    /// <summary>What is wrong with the file once all of it has been read; null when nothing is.</summary>
    /// <param name="entry">The file's entry in the receipt.</param>
    public Damage? Conclude(ReceiptFile entry)
    {
        lock (gate)
        {
            if (first is not null || entry.Checksum is null)
                return first;
            string found = FileChecksum.Format(checksum.Complete(entry.SizeBytes));
            return found == entry.Checksum
                ? null
                : Damage.WholeFile(DamageKind.FileChecksum, $"Its checksum is {found} and should be {entry.Checksum}.");
        }
    }
}
