using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Write;

/// <summary>Runs <see cref="OutputKeeper"/>: one answer for each question, in order.</summary>
/// <param name="kernel">The system that the bundle is on.</param>
/// <param name="settings">The settings of the copy.</param>
/// <param name="memory">All memory of the copy; locked when the settings ask for it.</param>
/// <param name="slab">Memory for one segment, which only the keeper uses.</param>
/// <param name="zeros">Frames of zeros for compressed files; null when no file is compressed.</param>
/// <param name="commit">Gets the success of the commit.</param>
/// <param name="watch">Shows the supervisor the calls.</param>
internal sealed class KeeperActor(
    IKernel kernel,
    CopySettings settings,
    ISlabMemory memory,
    nint slab,
    ZeroFrames? zeros,
    CommitRecord commit,
    CallWatch watch)
    : OrderActor(watch)
{
    // A few files are synced one by one, so that an error concerns one file. Many files are not, because each fsync(2)
    // flushes the device's cache.
    private const int MaxOwnSyncs = 64;

    private readonly StreamEndWriter? ends = zeros is null ? null : new StreamEndWriter(slab, zeros);
    private readonly CallWatch watch = watch;
    private BundleDirectory? bundle;
    private OutputKeeper? keeper;

    // To close a file of a destination that hangs may hang, too.
    protected override void PostStop()
    {
        base.PostStop();
        if (!commit.IsGivenUp)
        {
            CloseAll();
            return;
        }

        IDisposable left = commit.Hold(new Leftover(CloseAll));
        if (!watch.TryLeave(left))
            WorkThread.DisposeElsewhere(left);
    }

    private void CloseAll()
    {
        keeper?.Dispose();
        bundle?.Dispose();
    }

    protected override string SubjectOf(object order) => "";

    protected override object Answer(object order)
    {
        switch (order)
        {
            case PrepareBundle ask:
                return Prepare(ask);
            case CreateOutput ask:
                return keeper!.Create(BundleNames.Output(ask.File.Name, ask.IsCompressed), ask.SizeBytes)
                    .Try(out IOutputFile? created, out Fault? fault)
                    ? new OutputCreated(ask.File.Index, created)
                    : new OutputRefused(ask.File.Index, fault);
            case FinishOutput ask:
                return Finish(ask);
            case CommitBundle ask:
                Refusal? notCommitted = bundle!.Commit(keeper!, file => WriteReceipt(file, ask.Receipt), commit);
                if (notCommitted is not null)
                    return new BundleRefused(notCommitted);
                commit.Committed = new BundleCommitted(bundle.BundlePath, bundle.Segments.IsGivenUp);
                return commit.Committed;
            default:
                throw new InvalidOperationException($"The keeper has no answer to {order.GetType().Name}.");
        }
    }

    private OutputFinished Finish(FinishOutput ask)
    {
        string name = BundleNames.Output(ask.File.Name, ask.IsCompressed);
        if (ask.Discard)
        {
            keeper!.Discard(name, ask.Output);
            return new OutputFinished(ask.File.Index, 0, 0, null);
        }

        FinishedOutput finished = keeper!.Finish(name, ask.Output, ask.SizeBytes, ask.WrittenBytes, ask.End);
        long? segments = finished.Fault is null && ask.Segments is not null ? bundle!.Segments.Add(ask.Segments) : null;
        return new OutputFinished(ask.File.Index, finished.CachedBytes, finished.AddedBytes, finished.Fault, segments);
    }

    private object Prepare(PrepareBundle ask)
    {
        // By now every worker's thread has its stack, so that is locked too; and nothing has been written.
        if (settings.MemoryLock && kernel.LockMemory(memory) is { IsOk: false } unlocked)
            return new BundleRefused(NotLocked(unlocked.Error));
        BundlePlace place = new(
            ask.Manifest.Destination!, ask.Manifest.Bundle, settings.WriterIo, ask.ReceiptBytes, slab,
            settings.DestinationPrivacy == DestinationPrivacy.Require);
        if (!BundleDirectory.Prepare(kernel, place).Try(out BundleDirectory? prepared, out Refusal? refusal))
            return new BundleRefused(refusal);
        bundle = prepared;
        keeper = new OutputKeeper(bundle.Files, bundle.Io, syncsEachFile: ask.FileCount <= MaxOwnSyncs, ends);
        return new BundlePrepared(
            bundle.Io, bundle.Io == OutputIo.Direct && kernel.OverlapsWrites, bundle.MissingPromises);
    }

    private static Refusal NotLocked(Errno error) => Refusal.Of(
        RefusalKind.NotLocked,
        error,
        $"The memory could not be locked ({error.Name}), as {SettingKeys.Full(SettingKeys.MemoryLock)} asks, "
            + "and nothing was written. Raise the limit RLIMIT_MEMLOCK to unlimited "
            + "(in a systemd unit: LimitMEMLOCK=infinity), give the program CAP_IPC_LOCK, or set it to off.");

    private IoResult WriteReceipt(IOutputFile file, ReceiptDraft receipt)
    {
        using SlabStream stream = new(file, slab);
        IEnumerable<ReceiptFile> files = bundle!.Segments.IsGivenUp
            ? receipt.Files.Select(static f => f with { SegmentChecksumsOffset = null })
            : receipt.Files;
        ReceiptWriter.Write(
            stream, receipt.Header, files, receipt.Resources, receipt.Bystanders, indented: true);
        return stream.Complete();
    }

    /// <summary>The open files and directories of a copy that is given up.</summary>
    private sealed class Leftover(Action closeAll) : IDisposable
    {
        public void Dispose() => closeAll();
    }
}
