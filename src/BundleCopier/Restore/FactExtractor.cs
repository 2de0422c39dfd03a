using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>Restores the facts about processes into <c>facts/</c> of the destination.</summary>
internal static class FactExtractor
{
    /// <summary>Restores all of them.</summary>
    /// <returns>What was not restored.</returns>
    public static IReadOnlyList<FactFailure> Run(BundleFolder bundle, ExtractTarget target, Scratch scratch)
    {
        List<FactFailure> failed = [];
        foreach (ReceiptFact fact in bundle.Facts)
        {
            if (bundle.ReadFact(fact, scratch) is { } damage)
                failed.Add(new FactFailure(fact.Name, IsDamaged: true, damage));
            else if (Restore(fact, target, scratch) is { } problem)
                failed.Add(new FactFailure(fact.Name, IsDamaged: false, problem));
        }

        return failed;
    }

    // Its content is in the window. It is written from the slab, whose address is aligned.
    private static string? Restore(ReceiptFact fact, ExtractTarget target, Scratch scratch)
    {
        if (!RestoredFile.Create(target, fact.Name, fact.Bytes).Try(out RestoredFile? file, out string? problem))
            return problem;
        if (fact.Bytes > 0)
            scratch.Window.Loaded.CopyTo(scratch.Lease.Slab);
        if (file.Write(scratch.Lease.Address, (int)fact.Bytes) is { IsOk: false } failed)
        {
            file.Discard();
            return RestoredFile.Describe("It cannot be written", failed.Error);
        }

        return file.Publish(fact.Bytes);
    }
}
