using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using static Tmds.Linux.LibC;

namespace BundleCopier.Write;

/// <summary>
/// A finished bundle of this user at a destination, held open. Only such directories are replaced or removed.
/// </summary>
internal sealed class OldBundle : IDisposable
{
    private OldBundle(string name, IDirectory directory, ReceiptHead head, bool isKept)
    {
        Name = name;
        Directory = directory;
        Head = head;
        IsKept = isKept;
    }

    public string Name { get; }

    public IDirectory Directory { get; }

    public ReceiptHead Head { get; }

    /// <summary>The user has marked it, so that nothing removes it.</summary>
    public bool IsKept { get; }

    /// <summary>Opens a bundle, or says why the name does not lead to one of this user.</summary>
    /// <param name="parent">The destination.</param>
    /// <param name="name">The name.</param>
    /// <param name="block">The address of a block of memory, to read the start of the receipt.</param>
    public static Result<OldBundle, NoBundle> Open(IDirectory parent, string name, nint block)
    {
        if (!parent.OpenDirectory(name).Try(out IDirectory? directory, out Errno error))
        {
            return error.Code == ENOTDIR || error.Code == ELOOP
                ? new NoBundle("is not a directory", Errno.None)
                : new NoBundle($"cannot be opened ({error.Name})", error);
        }

        Result<OldBundle, NoBundle> opened = Open(parent, name, directory, block);
        if (!opened.Try(out _, out _))
            directory.Dispose();
        return opened;
    }

    public void Dispose() => Directory.Dispose();

    /// <summary>Reads the first fields of the receipt in a bundle's directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="block">The address of a block of memory.</param>
    public static Result<ReceiptHead, NoBundle> ReadHead(IDirectory directory, nint block)
    {
        if (!directory.OpenFile(BundleNames.Receipt).Try(out ISourceFile? receipt, out Errno error))
            return new NoBundle($"has no {BundleNames.Receipt} ({error.Name})", error);
        using (receipt)
        {
            IoResult read = receipt.ReadStart(block, ReceiptHead.MaxBytes);
            if (!read.IsOk)
                return new NoBundle($"has a {BundleNames.Receipt} that cannot be read ({read.Error.Name})", read.Error);
            return ReceiptHead.Read(TextAt(block, (int)read.Value)) is { } head
                ? head
                : new NoBundle($"has a {BundleNames.Receipt} that is no receipt", Errno.None);
        }
    }

    private static Result<OldBundle, NoBundle> Open(IDirectory parent, string name, IDirectory directory, nint block)
    {
        // Its owner may have given others the right to read it, so it need not be private any more.
        DirectoryClaim claim = directory.ClaimTo(parent, name);
        if (claim is DirectoryClaim.OfAnother or DirectoryClaim.Replaced)
            return new NoBundle(DestinationRefusals.InWords(claim), Errno.None);

        if (!directory.ListNames().Try(out IReadOnlyList<string>? names, out Errno error))
            return new NoBundle($"cannot be read ({error.Name})", error);
        if (names.FirstOrDefault(static n => n != BundleNames.Keep && !BundleNames.IsMadeByCopy(n)) is { } more)
            return new NoBundle($"contains {more}, which no copy makes", Errno.None);
        if (!ReadHead(directory, block).Try(out ReceiptHead? head, out NoBundle? other))
            return other;
        return head.Bundle == name
            ? new OldBundle(name, directory, head, names.Contains(BundleNames.Keep))
            : new NoBundle($"is the bundle {head.Bundle} under another name", Errno.None);
    }

    private static unsafe ReadOnlySpan<byte> TextAt(nint block, int length) => new((void*)block, length);
}

/// <summary>Why a directory is not taken for a finished bundle of this user.</summary>
/// <param name="Why">The rest of a sentence that begins with its path.</param>
/// <param name="Error">The error of the system call that tells it; none where nothing failed.</param>
internal sealed record NoBundle(string Why, Errno Error)
{
    /// <summary>It is a bundle that the user has marked.</summary>
    public static NoBundle Kept { get; } =
        new($"contains {BundleNames.Keep}, so it is to be kept", Errno.None);
}
