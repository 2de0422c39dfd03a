using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>The same copy on every filesystem, and what the receipt says about how it was written.</summary>
public sealed class FilesystemTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long ImageBytes = 512 * MiB;
    private const long MaxCachedBytes = MiB;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Loop)]
    public void Ext4_is_written_directly()
    {
        place.Mount("ext4", ImageBytes);
        CopyAndCompare("direct");
    }

    [KernelFact(Needs.Loop | Needs.Xfs)]
    public void Xfs_is_written_directly()
    {
        place.Mount("xfs", ImageBytes);
        CopyAndCompare("direct");
    }

    [KernelFact(Needs.Loop | Needs.Btrfs)]
    public void Btrfs_buffers_what_has_checksums_so_it_is_written_in_bounded_windows()
    {
        place.Mount("btrfs", ImageBytes);
        CopyAndCompare("bounded", "dontcache", "direct");
    }

    [KernelFact(Needs.Root)]
    public void Tmpfs_is_page_cache_for_every_way_of_writing()
    {
        place.MountMemory(ImageBytes);
        CopyAndCompare("bounded");
    }

    [KernelFact(Needs.Loop | Needs.Overlay)]
    public void Overlayfs_is_written_like_the_filesystem_beneath_it()
    {
        place.MountOverlay();
        CopyAndCompare("direct", "bounded");
    }

    private void CopyAndCompare(params string[] expectedIo)
    {
        SourceFile.Dense(place.Source("dense"), (100 * MiB) + 1111);
        SourceFile.Dense(place.Source("tiny"), 3);
        SourceFile.Dense(place.Source("empty"), 0);
        SourceFile.Sparse(place.Source("sparse"), 4096 * MiB, (0, 8192), (100 * MiB, 5 * MiB), (4000 * MiB, 12288));
        CliResult result = place.Copy();
        Ended.With(0, result);
        ReceiptView receipt = ReceiptView.Read(place);
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            file.IsWhole();
            Assert.Contains(file.Io, expectedIo);
            // Before anything reads it.
            if (!Kernel.IsInMemory(place.Destination))
                Assert.InRange(Kernel.CachedBytes(place.Output(file.Name)), 0, MaxCachedBytes);
        }

        Ended.Committed(0, place, result);
        foreach (ReceiptView.FileView file in receipt.Files)
        {
            Same.Bytes(file.Source, place.Output(file.Name));
            Same.Holes(file.Source, place.Output(file.Name));
        }
    }
}
