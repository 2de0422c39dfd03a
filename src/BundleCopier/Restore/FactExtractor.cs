using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Restore;

/// <summary>Restores the facts about processes into <c>facts/</c> of the destination.</summary>
/// <param name="bundle">The bundle.</param>
/// <param name="target">The destination.</param>
/// <param name="skipsExisting">What is there already is left as it is.</param>
internal sealed class FactExtractor(BundleFolder bundle, ExtractTarget target, bool skipsExisting)
{
    private readonly List<FactFailure> failed = [];

    /// <summary>What was not restored.</summary>
    public IReadOnlyList<FactFailure> Failed => failed;

    /// <summary>How many were there already.</summary>
    public int Existing { get; private set; }

    /// <summary>Restores all of them.</summary>
    public void Run(Scratch scratch)
    {
        foreach (ReceiptFact fact in bundle.Facts)
        {
            if (skipsExisting && target.CheckFree(fact.Name).Error.Code == EEXIST)
                Existing++;
            else if (bundle.ReadFact(fact, scratch) is { } damage)
                failed.Add(new FactFailure(fact.Name, IsDamaged: true, damage));
            else if (Restore(fact, scratch) is { } problem)
                failed.Add(new FactFailure(fact.Name, IsDamaged: false, problem));
        }
    }

    // Its content is in the window. It is written from the slab, whose address is aligned.
    private string? Restore(ReceiptFact fact, Scratch scratch)
    {
        if (!RestoredFile.Create(target, fact.Name, fact.Bytes).Try(out RestoredFile? file, out string? problem))
            return problem;
        if (fact.Bytes > 0)
            scratch.Window.Loaded.CopyTo(scratch.Lease.Slab);
        if (file.Write(scratch.Lease.Address, (int)fact.Bytes) is { IsOk: false } written)
        {
            file.Discard();
            return RestoredFile.Describe("It cannot be written", written.Error);
        }

        return file.Publish(fact.Bytes);
    }
}
