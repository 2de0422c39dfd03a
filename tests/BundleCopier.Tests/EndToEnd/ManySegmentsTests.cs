using System.Text;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A compressed file with more segments than 1 MiB of its seek table can hold.</summary>
public sealed class ManySegmentsTests : IDisposable
{
    private const long SegmentBytes = 1 << 20;
    private const int PageBytes = 4096;

    // 43,690 entries of 24 bytes fill 1 MiB.
    private const int Segments = 43_692;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    // 214 MiB of shared memory. With less data the file would be stored raw, because LZ4 frames of holes would be
    // most of it.
    [KernelFact]
    public void A_sparse_file_of_43_GiB_is_read_back()
    {
        byte[] text = Encoding.ASCII.GetBytes("engine: ");
        byte[] page = [.. Enumerable.Repeat(text, PageBytes / text.Length).SelectMany(static t => t)];
        using (SafeFileHandle file = File.OpenHandle(place.Source("heap"), FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.SetLength(file, Segments * SegmentBytes);
            for (int i = 0; i < Segments; i++)
            {
                RandomAccess.Write(file, page, i * SegmentBytes);
                if (i % 4 == 0)
                    RandomAccess.Write(file, page, (i * SegmentBytes) + PageBytes);
            }
        }

        ReceiptView receipt = Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        Assert.Equal("lz4", receipt["heap"].Compression);
        long last = (Segments - 1) * SegmentBytes;
        CliResult read = Cli.Run("cat", place.BundlePath, "heap", "--offset", $"{last}", "--length", $"{text.Length}");
        Assert.Equal(new CliResult(0, "engine: ", ""), read);
    }
}
