using BundleCopier.Faults;
using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;

namespace BundleCopier.Write;

/// <summary>
/// What the supervisor asks of the keeper, which owns the bundle's directory and the descriptors of its files, and what
/// it answers.
/// </summary>
internal static class KeeperProtocol
{
    /// <summary>
    /// Make the bundle's directory. Answered by <see cref="BundlePrepared"/> or <see cref="BundleRefused"/>.
    /// </summary>
    public sealed record PrepareBundle(BundleManifest Manifest, int FileCount, long ReceiptBytes);

    /// <param name="Io">How it is written to.</param>
    /// <param name="Overlaps">Large writes need not be waited for.</param>
    public sealed record BundlePrepared(OutputIo Io, bool Overlaps);

    /// <summary>Nothing is committed; what had been begun is removed, where it could be.</summary>
    public sealed record BundleRefused(Refusal Refusal);

    /// <summary>Answered by <see cref="OutputCreated"/> or <see cref="OutputRefused"/>.</summary>
    public sealed record CreateOutput(PlannedFile File, long SizeBytes, bool IsCompressed);

    public sealed record OutputCreated(int Index, IOutputFile Output);

    public sealed record OutputRefused(int Index, Fault Fault);

    /// <summary>
    /// No segment of the file is in flight any more: give it its length, see it to disk and close it.
    /// </summary>
    /// <param name="File">The file.</param>
    /// <param name="Output">Its descriptor; nobody else may use it any more.</param>
    /// <param name="SizeBytes">The source's size.</param>
    /// <param name="WrittenBytes">How much was written to it.</param>
    /// <param name="Discard">Nothing in it is worth keeping.</param>
    /// <param name="IsCompressed">It is an LZ4 stream.</param>
    /// <param name="End">What a compressed file still needs; null for others.</param>
    public sealed record FinishOutput(
        PlannedFile File,
        IOutputFile Output,
        long SizeBytes,
        long WrittenBytes,
        bool Discard,
        bool IsCompressed,
        StreamEnd? End);

    /// <param name="Index">The file's.</param>
    /// <param name="CachedBytes">What of it is still in page cache; -1 where the kernel does not tell.</param>
    /// <param name="WrittenBytes">What was written to finish it.</param>
    /// <param name="Fault">Why nothing of it can be relied on; null otherwise.</param>
    public sealed record OutputFinished(int Index, long CachedBytes, long WrittenBytes, Fault? Fault);

    /// <summary>
    /// Everything is finished. Answered by <see cref="BundleCommitted"/> or <see cref="BundleRefused"/>.
    /// </summary>
    public sealed record CommitBundle(ReceiptDraft Receipt);

    public sealed record BundleCommitted(string Path);
}

/// <summary>All of a receipt, its files one by one.</summary>
internal sealed record ReceiptDraft(
    ReceiptHeader Header, IEnumerable<ReceiptFile> Files, ReceiptResources Resources, ReceiptBystanders Bystanders);
