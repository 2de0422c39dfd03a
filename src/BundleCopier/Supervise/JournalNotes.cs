using BundleCopier.Journal;
using BundleCopier.Model;

namespace BundleCopier.Supervise;

/// <summary>
/// Collects the segments that have settled until they are worth a message to the keeper, which writes them to the
/// journal. A kill loses what is collected here and what is in flight, and both are copied once more.
/// </summary>
/// <param name="budgetBytes">The most data in flight; half as much is collected.</param>
internal sealed class JournalNotes(long budgetBytes)
{
    private const int MaxHeldEntries = 256;
    private const long MostHeldBytes = 16 * (long)SegmentGrid.SegmentBytes;

    private readonly long maxHeldBytes = Math.Min(budgetBytes / 2, MostHeldBytes);

    private List<JournalEntry> held = [];
    private long heldBytes;

    /// <summary>Adds a segment that is on disk.</summary>
    public void Add(in JournalEntry entry)
    {
        held.Add(entry);
        heldBytes += entry.Segment.DataBytes;
    }

    /// <summary>Takes what is collected, where it is enough; null where it is not.</summary>
    public IReadOnlyList<JournalEntry>? TakeIfDue() =>
        heldBytes < maxHeldBytes && held.Count < MaxHeldEntries ? null : TakeAll();

    /// <summary>Takes what is collected.</summary>
    public IReadOnlyList<JournalEntry> TakeAll()
    {
        List<JournalEntry> taken = held;
        (held, heldBytes) = ([], 0);
        return taken;
    }
}
