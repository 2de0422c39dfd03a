using System.Runtime.InteropServices;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>What a look at a destination found.</summary>
/// <param name="Io">How files would be written.</param>
/// <param name="FreeBytes">The free space that a copy may use; null when the filesystem does not tell.</param>
/// <param name="HasBundle">A bundle of this name is there, and would be replaced.</param>
/// <param name="CutReceiptBytes">The room of the receipt where it is too little for all matches of patterns.</param>
/// <param name="IsNameTaken">Another user has the name, so the bundle would get another one.</param>
internal sealed record DestinationFacts(
    OutputIo Io, long? FreeBytes, bool HasBundle, long? CutReceiptBytes, bool IsNameTaken);

/// <summary>
/// Refuses what <see cref="BundleDirectory.Prepare"/> would refuse, as far as that shows without making a name. It
/// leaves nothing behind.
/// </summary>
internal static class DestinationCheck
{
    /// <param name="kernel">The kernel.</param>
    /// <param name="place">Where the bundle would be made; its memory is not used.</param>
    public static Result<DestinationFacts, Refusal> Run(IKernel kernel, BundlePlace place)
    {
        // A block to write, to try the way of writing that the settings demand.
        byte[] room = GC.AllocateArray<byte>(2 * Alignment.Bytes, pinned: true);
        nint block = (nint)Alignment.Up(Marshal.UnsafeAddrOfPinnedArrayElement(room, 0));
        Result<DestinationFacts, Refusal> found = Look(kernel, place with { Block = block });
        GC.KeepAlive(room);
        return found;
    }

    private static Result<DestinationFacts, Refusal> Look(IKernel kernel, BundlePlace place)
    {
        if (!Destination.Open(kernel, place).Try(out Destination? destination, out Refusal? refusal))
            return refusal;
        using (destination)
        {
            // Where another user has taken a partial name, the copy takes one that nothing has.
            refusal = destination.Place.Working is null ? PartialDirectory.Check(destination) : null;
            refusal ??= TryFileWithoutName(destination);
            if (refusal is not null)
                return refusal;
            return new DestinationFacts(
                destination.Io, destination.FreeBytes(), destination.HasBundle, destination.CutReceiptBytes,
                destination.IsNameTaken);
        }
    }

    /// <summary>Does to a file without a name what a copy does to its receipt.</summary>
    private static Refusal? TryFileWithoutName(Destination destination)
    {
        if (!destination.Directory.CreateNameless(destination.Io).Try(out IOutputFile? file, out Errno error))
        {
            // The kernel checks permissions and read-only mounts before it asks whether the filesystem has such files
            // (do_tmpfile and vfs_tmpfile in fs/namei.c). So a filesystem without them may still be writable.
            return error.Code == EOPNOTSUPP
                ? null
                : DestinationRefusals.NotCreated(destination.Place.Path, destination.Io, error);
        }

        using (file)
            return destination.Reserve(file);
    }
}
