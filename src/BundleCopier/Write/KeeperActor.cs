using Akka.Actor;
using BundleCopier.Compress;
using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Write;

/// <summary>The keeper's thread: one question, one answer, in order.</summary>
/// <param name="kernel">What it works on.</param>
/// <param name="settings">How.</param>
/// <param name="zeros">What holes of compressed files are written from; null where nothing is compressed.</param>
/// <param name="lockable">The slabs, which are locked and the whole process with them before anything is written; null for no lock.</param>
internal sealed class KeeperActor(IKernel kernel, CopySettings settings, ZeroTape? zeros = null, ISlabMemory? lockable = null) : UntypedActor
{
    // Few files are synced one by one, so that each answers for itself; many at once, or the device's cache would be flushed
    // 100,000 times.
    private const int MostOwnSyncs = 64;

    private readonly TapeFinisher? tapes = zeros is null ? null : new TapeFinisher(kernel, zeros);
    private BundleDirectory? bundle;
    private OutputKeeper? keeper;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PrepareBundle ask:
                Sender.Tell(Prepare(ask));
                break;
            case CreateOutput ask:
                IOutputFile? made = keeper!.Create(OutputKeeper.OutputName(ask.File.Name, ask.IsPacked), ask.SizeBytes, out Fault? refusal);
                Sender.Tell(made is null ? new OutputRefused(ask.File.Index, refusal!) : new OutputCreated(ask.File.Index, made));
                break;
            case FinishOutput ask:
                Fault? fault = keeper!.Finish(
                    OutputKeeper.OutputName(ask.File.Name, ask.IsPacked), ask.Output, ask.SizeBytes, ask.WrittenBytes, ask.Discard, ask.End, out long cachedBytes, out long addedBytes);
                Sender.Tell(new OutputFinished(ask.File.Index, cachedBytes, addedBytes, fault));
                break;
            case CommitBundle ask:
                Refusal? notCommitted = bundle!.Commit(keeper!, file => WriteReceipt(file, ask.Receipt));
                Sender.Tell(notCommitted is null ? new BundleCommitted(bundle.BundlePath) : new BundleRefused(notCommitted));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        keeper?.Dispose();
        bundle?.Dispose();
        tapes?.Dispose();
    }

    private object Prepare(PrepareBundle ask)
    {
        // Here, where every worker has been hired and its thread has its stack, and nothing has been written.
        if (lockable is not null && kernel.LockMemory(lockable) is { IsOk: false } unlocked)
            return new BundleRefused(NotLocked(unlocked.Error));
        bundle = BundleDirectory.Prepare(
            kernel,
            ask.Manifest.Destination!,
            ask.Manifest.Bundle,
            settings.WriterIo,
            ask.ReceiptBytes,
            out IDirectory? files,
            out Refusal? refusal);
        if (bundle is null)
            return new BundleRefused(refusal!);
        keeper = new OutputKeeper(files!, bundle.Io, syncsEachFile: ask.FileCount <= MostOwnSyncs, tapes);
        return new BundlePrepared(bundle.Io);
    }

    private static Refusal NotLocked(Errno error) => Refusal.Of(
        RefusalKind.NotLocked,
        error,
        $"The memory could not be locked ({error.Name}), as {SettingKeys.Full(SettingKeys.MemoryLock)} asks, and nothing was written. "
            + "Raise the limit RLIMIT_MEMLOCK to unlimited (in a systemd unit: LimitMEMLOCK=infinity), give the program CAP_IPC_LOCK, or set it to off.");

    private Errno WriteReceipt(IOutputFile file, ReceiptDraft receipt)
    {
        // Its own small slab: the budget is for data in flight, and all of it is home by now.
        if (!kernel.AllocateSlabs(SegmentGrid.SegmentBytes).Try(out ISlabMemory? slab, out Errno error))
            return error;
        using (slab)
        {
            using SlabStream stream = new(file, slab.Address);
            ReceiptWriter.Write(stream, receipt.Header, receipt.Files, receipt.Resources, indented: true);
            return stream.Complete();
        }
    }
}
