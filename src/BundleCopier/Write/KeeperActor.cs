using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using static BundleCopier.Write.KeeperProtocol;

namespace BundleCopier.Write;

/// <summary>The keeper's thread: one question, one answer, in order.</summary>
/// <param name="kernel">What it works on.</param>
/// <param name="settings">How.</param>
/// <param name="memory">All memory of the copy; locked where the settings ask for it.</param>
/// <param name="slab">One segment's room that the keeper alone uses.</param>
/// <param name="zeros">What holes of compressed files are written from; null where no file is compressed.</param>
internal sealed class KeeperActor(
    IKernel kernel, CopySettings settings, ISlabMemory memory, nint slab, ZeroFrames? zeros) : UntypedActor
{
    // Few files are synced one by one, so that each answers for itself; many at once, or the device's cache would be
    // flushed 100,000 times.
    private const int MaxOwnSyncs = 64;

    private readonly StreamEndWriter? tapes = zeros is null ? null : new StreamEndWriter(slab, zeros);
    private BundleDirectory? bundle;
    private OutputKeeper? keeper;

    protected override void OnReceive(object message)
    {
        if (Batch.Answer(message, Answer) is { } answer)
            Sender.Tell(answer);
        else
            Unhandled(message);
    }

    protected override void PostStop()
    {
        keeper?.Dispose();
        bundle?.Dispose();
    }

    private object? Answer(object order)
    {
        switch (order)
        {
            case PrepareBundle ask:
                return Prepare(ask);
            case CreateOutput ask:
                IOutputFile? made =
                    keeper!.Create(
                    OutputKeeper.OutputName(ask.File.Name, ask.IsCompressed), ask.SizeBytes, out Fault? refusal);
                return made is null ? new OutputRefused(ask.File.Index, refusal!)
                    : new OutputCreated(ask.File.Index, made);
            case FinishOutput ask:
                Fault? fault = keeper!.Finish(
                    OutputKeeper.OutputName(
                        ask.File.Name, ask.IsCompressed), ask.Output, ask.SizeBytes, ask.WrittenBytes, ask.Discard, ask.End, out long cachedBytes, out long addedBytes);
                return new OutputFinished(ask.File.Index, cachedBytes, addedBytes, fault);
            case CommitBundle ask:
                Refusal? notCommitted = bundle!.Commit(keeper!, file => WriteReceipt(file, ask.Receipt));
                return notCommitted is null ? new BundleCommitted(bundle.BundlePath) : new BundleRefused(notCommitted);
            default:
                return null;
        }
    }

    private object Prepare(PrepareBundle ask)
    {
        // Here, where every worker has been hired and its thread has its stack, and nothing has been written.
        if (settings.MemoryLock && kernel.LockMemory(memory) is { IsOk: false } unlocked)
            return new BundleRefused(NotLocked(unlocked.Error));
        bundle = BundleDirectory.Prepare(
            kernel,
            ask.Manifest.Destination!,
            ask.Manifest.Bundle,
            settings.WriterIo,
            ask.ReceiptBytes,
            slab,
            out IDirectory? files,
            out Refusal? refusal);
        if (bundle is null)
            return new BundleRefused(refusal!);
        keeper = new OutputKeeper(files!, bundle.Io, syncsEachFile: ask.FileCount <= MaxOwnSyncs, tapes);
        return new BundlePrepared(bundle.Io, bundle.Io == OutputIo.Direct && kernel.OverlapsWrites);
    }

    private static Refusal NotLocked(Errno error) => Refusal.Of(
        RefusalKind.NotLocked,
        error,
        $"The memory could not be locked ({error.Name}), as {SettingKeys.Full(SettingKeys.MemoryLock)} asks, and nothing was written. "
            + "Raise the limit RLIMIT_MEMLOCK to unlimited (in a systemd unit: LimitMEMLOCK=infinity), give the program CAP_IPC_LOCK, or set it to off.");

    private Errno WriteReceipt(IOutputFile file, ReceiptDraft receipt)
    {
        using SlabStream stream = new(file, slab);
        ReceiptWriter.Write(
            stream, receipt.Header, receipt.Files, receipt.Resources, receipt.Bystanders, indented: true);
        return stream.Complete();
    }
}
