using BundleCopier.Model;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Cuts the power of a simulated disk while the run goes on: before each call it looks at what the platter could hold
/// now. Under the bundle's name there must be nothing, or a bundle that is whole as its receipt says. Where a bundle
/// was there before the run, there must be one.
/// </summary>
internal sealed class CrashWatch(SimKernel kernel)
{
    private const int ImagesPerCall = 3;

    private readonly Random random = new(kernel.Faults.Seed ^ 0x00C0FFEE);
    private SimFolder? named;
    private int keepAt = -1;
    private int oldNodes = -1;

    /// <summary>The number of power cuts that left the bundle under its name.</summary>
    public int Bundles { get; private set; }

    /// <summary>What the disk held after the power cut that <see cref="KeepAt"/> asked for.</summary>
    public SimFolder? Kept { get; private set; }

    /// <summary>Keeps the disk as a power cut at this call would leave it.</summary>
    public void KeepAt(int call) => keepAt = call;

    /// <summary>Looks at the platter before a call.</summary>
    public void Look()
    {
        if (kernel.Calls == keepAt)
            Kept = (SimFolder)kernel.Destination.AfterCrash(random, DrawKeeps());
        if (kernel.Destination.MayHaveAfterCrash(SimCase.Bundle))
            Look(mustBeThere: kernel.Old is not null);
    }

    /// <summary>Looks at the platter after the run.</summary>
    public void End(bool isCommitted)
    {
        Look(mustBeThere: isCommitted || kernel.Old is not null);
        // A committed bundle is compared with its sources. Another one was visible for a moment only, but could have
        // been there after a power cut.
        if (!isCommitted && named is not null && StoredBundle.Problem(named) is { } problem)
            kernel.AddViolation($"A power cut could leave {SimCase.Bundle}, which is not whole: {problem}");
    }

    private void Look(bool mustBeThere)
    {
        for (int i = 0; i < ImagesPerCall; i++)
        {
            double keeps = DrawKeeps();
            SimNode? found =
                kernel.Destination.NamesAfterCrash(random, keeps).GetValueOrDefault(SimCase.Bundle);
            if (found is null && mustBeThere)
                kernel.AddViolation($"A power cut at call {kernel.Calls} loses {SimCase.Bundle}.");
            if (found is null || found == kernel.Foreign || (found == kernel.Old && IsUntouched(kernel.Old)))
                continue;
            Bundles++;
            if (found != kernel.Old && found is SimFolder folder && IsSettled(folder))
                named = folder;
            else if (StoredBundle.Problem(found.AfterCrash(random, keeps)) is { } problem)
                kernel.AddViolation(
                    $"After a power cut at call {kernel.Calls} {SimCase.Bundle} is not whole: {problem}");
        }
    }

    private double DrawKeeps() => random.Next(4) switch { 0 => 0, 1 => 1, 2 => 0.5, _ => random.NextDouble() };

    private bool IsUntouched(SimFolder old)
    {
        if (oldNodes < 0)
            oldNodes = old.Below("").Count();
        return old.Below("").Count() == oldNodes && IsSettled(old);
    }

    // Then the platter holds what is visible, but perhaps the journal, which is removed when the bundle has its name.
    private static bool IsSettled(SimFolder folder) =>
        folder.IsOnPlatterBut(BundleNames.Journal)
        && folder.Below("").Where(below => below.Node != folder && below.Path != $"/{BundleNames.Journal}")
            .All(static below => below.Node is { IsDirty: false, IsTainted: false } or { MayBeLeftOver: true });
}
