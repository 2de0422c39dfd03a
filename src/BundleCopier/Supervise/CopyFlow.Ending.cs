using BundleCopier.Faults;
using BundleCopier.Receipt;
using BundleCopier.Write;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Supervise;

/// <summary>How a copy ends: stopped, or with all that it has; its receipt, and the proof that nothing is out any more.</summary>
internal sealed partial class CopyFlow
{
    private void Stop(Fault cause)
    {
        if (stopCause is not null || Phase >= CopyPhase.Committing)
            return;
        stopCause = cause;
        if (Phase != CopyPhase.Copying)
            return;
        foreach (FileRecord file in active.ToArray())
        {
            if (file.Stage != FileStage.Copying)
                continue;
            file.GiveUp(cause);
            DrainedMaybe(file);
        }
    }

    private void Commit()
    {
        // Before the bundle gets its name, and not only when all is over: who fails after that lies about it.
        AssertAllHome();
        Phase = CopyPhase.Committing;
        crew.Dismiss();
        // Whoever was stopped after everything had arrived has a complete bundle.
        BundleStatus status = incompleteCount == 0 ? BundleStatus.Complete
            : stopCause?.Kind == FaultKind.Cancelled ? BundleStatus.Cancelled
            : BundleStatus.Partial;
        ReceiptHeader header = new(manifest.Bundle, status, startedAt, kernel.UtcNow, manifest.Labels);
        ReceiptResources resources = new()
        {
            BudgetBytes = pool.BudgetBytes,
            PeakInFlightBytes = pool.PeakInFlightBytes,
            PeakRssBytes = kernel.PeakRssBytes(),
            DestinationCachedBytes = isCacheKnown ? cachedBytes : null,
            MajorFaults = kernel.MajorFaults() - faultsBefore,
            Seconds = Math.Round((kernel.MonotonicMs - startedMs) / 1000.0, 3),
        };
        bystanders!.Add(kernel.ReadHost(), kernel.PageTableBytes());
        ReceiptBystanders felt = bystanders.Report(resources, governed.ToReceipt(settings.GovernorProfile), canary);
        ReceiptFiles files = new(listing!, outcomes, io);
        receipt = new BundleReceipt
        {
            Version = BundleReceipt.CurrentVersion,
            Bundle = header.Bundle,
            Status = header.Status,
            StartedAt = header.StartedAt,
            FinishedAt = header.FinishedAt,
            Labels = header.Labels,
            Files = files,
            Resources = resources,
            Bystanders = felt,
        };
        crew.ToKeeper(new CommitBundle(new ReceiptDraft(header, files, resources, felt)));
    }

    private void Conclude(CopyResult result)
    {
        AssertAllHome();
        Phase = CopyPhase.Done;
        crew.Conclude(result);
    }

    private void AssertAllHome()
    {
        if (pool.InFlight != 0)
            throw new InvalidOperationException($"The copy is over and {pool.InFlight} leases are out.");
    }
}
