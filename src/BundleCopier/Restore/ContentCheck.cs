using BundleCopier.Faults;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>
/// Collects what several threads find out about one file: the checksum of the content, and the damaged places by their
/// offsets, so that the result does not depend on which thread was faster. Of very many places it keeps the first. It
/// holds the hashes of segments only until those of all earlier units are there.
/// </summary>
/// <param name="flaws">What is wrong with the file as a whole.</param>
internal sealed class ContentCheck(IReadOnlyList<Damage> flaws)
{
    /// <summary>How many places are kept.</summary>
    public const int MaxPlaces = 100;

    private readonly Lock gate = new();
    private readonly SegmentHashes hashes = new();
    private readonly List<long> begun = []; // as many as there are threads
    private readonly PriorityQueue<SegmentDigest, long> early = new();
    private readonly List<Place> places = [];
    private long damageCount;
    private long lostBytes = flaws.Sum(static f => f.Lost?.Length ?? 0);

    /// <summary>True when something is wrong.</summary>
    public bool IsDamaged
    {
        get
        {
            lock (gate)
                return flaws.Count > 0 || damageCount > 0;
        }
    }

    /// <summary>Adds what a thread has found; null where it found nothing.</summary>
    public void AddDamage(Damage? damage)
    {
        if (damage is null)
            return;
        lock (gate)
        {
            damageCount++;
            lostBytes += damage.Lost?.Length ?? 0;
            // Threads work side by side, so the place is near the end.
            int at = places.Count;
            while (at > 0 && places[at - 1].Damage.Offset > damage.Offset)
                at--;
            places.Insert(at, new Place(damage, 1));
            JoinAt(at + 1);
            JoinAt(at);
            if (places.Count > MaxPlaces)
                places.RemoveAt(MaxPlaces);
        }
    }

    /// <summary>A thread begins a unit. Units begin in the order of their numbers.</summary>
    public void Begin(long unit)
    {
        lock (gate)
            begun.Add(unit);
    }

    /// <summary>A thread has ended a unit.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="segment">Its segment; null where it has none, or is damaged.</param>
    /// <param name="digest">The hash of the segment; null where it is all zeros.</param>
    public void End(long unit, long? segment, ulong? digest)
    {
        lock (gate)
        {
            begun.Remove(unit);
            if (segment is { } number && digest is { } value)
                early.Enqueue(new SegmentDigest(number, value), unit);
            long next = begun.Count == 0 ? long.MaxValue : begun.Min();
            while (early.TryPeek(out SegmentDigest first, out long itsUnit) && itsUnit < next)
            {
                hashes.Append(first);
                early.Dequeue();
            }
        }
    }

    /// <summary>What is wrong with the file once all of it has been read; null when nothing is.</summary>
    /// <param name="entry">The file's entry in the receipt.</param>
    public FileDamage? Conclude(ReceiptFile entry)
    {
        lock (gate)
        {
            if (flaws.Count > 0 || damageCount > 0)
            {
                return new FileDamage(
                    [.. flaws, .. places.Select(static p => p.Damage)],
                    damageCount - places.Sum(static p => p.Count),
                    lostBytes);
            }

            if (entry.Checksum is null)
                return null;
            string found = FileChecksum.Format(hashes.Complete(entry.SizeBytes));
            return found == entry.Checksum ? null : FileDamage.Of(
                Damage.WholeFile(
                    DamageKind.FileChecksum,
                    $"Its checksum is {found} and should be {Printable.Shortened(entry.Checksum)}."));
        }
    }

    /// <summary>Joins a place to the one before it, where both are one.</summary>
    private void JoinAt(int at)
    {
        if (at == 0 || at >= places.Count)
            return;
        (Damage before, long beforeCount) = places[at - 1];
        (Damage after, long afterCount) = places[at];
        if (before.Lost is not { } lost || after.Lost is not { } more || lost.End != more.Offset
            || (before.Kind, before.Detail) != (after.Kind, after.Detail))
        {
            return;
        }

        ByteRange both = new(lost.Offset, lost.Length + more.Length);
        places[at - 1] = new Place(before with { Lost = both }, beforeCount + afterCount);
        places.RemoveAt(at);
    }

    /// <param name="Damage">The damage, of the first segment.</param>
    /// <param name="Count">How many damages it stands for.</param>
    private readonly record struct Place(Damage Damage, long Count);
}
