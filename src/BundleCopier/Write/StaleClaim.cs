using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;

namespace BundleCopier.Write;

/// <summary>
/// Tells what a killed copy has left under a partial name from a finished bundle, or from the remains of another one,
/// that a user has renamed. A copy makes its journal first, and removes it when the bundle has its name: a directory
/// with a finished receipt and without a journal is a bundle, and is never removed. The caller has checked that the
/// directory belongs to this user and is closed to others, so its content is not of another user.
/// </summary>
internal static class StaleClaim
{
    /// <summary>
    /// Why the directory is not to be removed, as the rest of a sentence that begins with its path; null when it may
    /// be.
    /// </summary>
    /// <param name="stale">The directory.</param>
    /// <param name="names">The names in it.</param>
    /// <param name="block">The address of a block of memory.</param>
    /// <param name="isOwn">True for the name of a bundle whose copy may have left it.</param>
    /// <param name="isReplaced">
    /// True when a bundle of that name is there. A run with <c>--replace</c> that was killed has left the old one under
    /// the partial name.
    /// </param>
    public static string? Problem(
        IDirectory stale, IReadOnlyList<string> names, nint block, Func<string, bool> isOwn, bool isReplaced)
    {
        if (names.Contains(BundleNames.Journal))
        {
            return BundleOf(stale, block) is { } owner && !isOwn(owner)
                ? $"is what a copy of the bundle {owner} has left, under another name"
                : null;
        }

        return names.Contains(BundleNames.Receipt)
            && OldBundle.ReadHead(stale, block).Try(out ReceiptHead? head, out _)
            && !(isReplaced && isOwn(head.Bundle))
            ? $"is the finished bundle {head.Bundle} under another name"
            : null;
    }

    /// <summary>The bundle that the journal names; null where it is empty or cannot be read.</summary>
    private static string? BundleOf(IDirectory stale, nint block)
    {
        if (!stale.OpenFile(BundleNames.Journal).Try(out ISourceFile? journal, out _))
            return null;
        using (journal)
        {
            IoResult read = journal.ReadStart(block, JournalFormat.BlockBytes);
            return read.IsOk && read.Value == JournalFormat.BlockBytes
                ? JournalContent.Begin(Bytes(block).ToArray())?.Bundle
                : null;
        }
    }

    private static unsafe ReadOnlySpan<byte> Bytes(nint block) => new((void*)block, JournalFormat.BlockBytes);
}
