using BundleCopier.Journal;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

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
    /// <param name="isReadLater">
    /// True where the caller reads the journal itself afterwards: that it cannot be read is no problem here.
    /// </param>
    public static string? Problem(
        IDirectory stale,
        IReadOnlyList<string> names,
        nint block,
        Func<string, bool> isOwn,
        bool isReplaced,
        bool isReadLater = false)
    {
        if (names.Contains(BundleNames.Journal))
        {
            if (!BundleOf(stale, block).Try(out string? owner, out Errno unread))
                return isReadLater ? null : $"has a {BundleNames.Journal} that cannot be read ({unread.Name})";
            return owner is not null && !isOwn(owner)
                ? $"is what a copy of the bundle {owner} has left, under another name"
                : null;
        }

        return names.Contains(BundleNames.Receipt)
            && OldBundle.ReadHead(stale, block).Try(out ReceiptHead? head, out _)
            && !(isReplaced && isOwn(head.Bundle))
            ? $"is the finished bundle {head.Bundle} under another name"
            : null;
    }

    /// <summary>The bundle that the journal names; null where it is empty or no journal.</summary>
    private static IoResult<string?> BundleOf(IDirectory stale, nint block)
    {
        if (!stale.OpenFile(BundleNames.Journal).Try(out ISourceFile? journal, out Errno error))
        {
            return error.Code == KernelErrors.NotRegular || error.Code == ENOENT
                ? IoResult<string?>.Ok(null)
                : IoResult<string?>.Failed(error);
        }

        using (journal)
        {
            IoResult read = journal.ReadStart(block, JournalFormat.BlockBytes);
            if (!read.IsOk)
                return IoResult<string?>.Failed(read.Error);
            return IoResult<string?>.Ok(read.Value == JournalFormat.BlockBytes
                ? JournalContent.Begin(Bytes(block).ToArray())?.Bundle
                : null);
        }
    }

    private static unsafe ReadOnlySpan<byte> Bytes(nint block) => new((void*)block, JournalFormat.BlockBytes);
}
