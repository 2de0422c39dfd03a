using System.Text.Json.Nodes;
using BundleCopier.Tests.Restore;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Makes sources for compressed bundles, and checks the bundles.</summary>
internal static class CompressedBundle
{
    private const long SlackBytes = 64 << 10;

    /// <summary>A manifest entry with a compression.</summary>
    public static JsonObject Entry(string source, string compression, int? priority = null)
    {
        JsonObject entry = Workspace.Entry(source, priority: priority);
        entry["compression"] = compression;
        return entry;
    }

    /// <summary>The file is complete, stored as the receipt says, and not larger than its source allows.</summary>
    public static void IsWhole(Workspace place, ReceiptView.FileView file)
    {
        Assert.Equal(("copied", null), (file.Status, file.Error));
        Assert.Equal(file.Size == 0 ? [] : [(0, file.Size)], file.Ranges);
        if (file.Compression == "none")
        {
            Assert.Equal($"files/{file.Name}", file.Output);
            Same.Bytes(file.Source, place.Output(file.Name));
            return;
        }

        Assert.Equal("lz4", file.Compression);
        Assert.Equal($"files/{file.Name}.lz4", file.Output);
        Kernel.Status output = Kernel.StatusOf(place.Output(file.Name + ".lz4"));
        Assert.Equal(file.WrittenBytes, output.SizeBytes);
        Assert.Equal(Convert.ToInt32("600", 8), output.Mode);
        long data = Kernel.DataOf(file.Source).Sum(s => s.End - s.Start);
        Assert.InRange(output.SizeBytes, 0, (long)(data * 1.02) + ((file.Size - data) / 200) + SlackBytes);
        StockReads(place, file.Output!, file.Source);
    }

    /// <summary>The stock program accepts the file and gives the bytes of the source.</summary>
    public static void StockReads(Workspace place, string output, string source)
    {
        string lz4 = Path.Combine(place.BundlePath, output);
        string command = $"lz4 -tq '{lz4}' 2>&1 && lz4 -dcq '{lz4}' | cmp - '{source}'";
        Assert.True(Stock.Shell("/", command, out string said) == 0, $"{output}: {said}");
    }

    /// <summary>Restores the bundle into a new directory; gives its path.</summary>
    public static string Extract(int exitCode, Workspace place, params string[] names)
    {
        string restored = Path.Combine(place.Disk, $"restored-{Guid.NewGuid():N}");
        Ended.With(exitCode, Cli.Run(["extract", place.BundlePath, restored, .. names]));
        return restored;
    }

    /// <summary>Restored files have the right bytes in their ranges and zeros elsewhere.</summary>
    public static void RestoresRanges(ReceiptView receipt, string restored)
    {
        foreach (ReceiptView.FileView file in receipt.Files.Where(f => f.Output is not null))
        {
            string output = Path.Combine(restored, file.Name);
            Assert.Equal(file.Size, Kernel.StatusOf(output).SizeBytes);
            long at = 0;
            foreach ((long offset, long length) in file.Ranges)
            {
                Same.Zeros(output, at, offset);
                Same.Stretch(file.Source, output, offset, offset + length);
                at = offset + length;
            }

            Same.Zeros(output, at, file.Size);
        }
    }

    /// <summary>Cat prints the same bytes for a window as the source has there.</summary>
    public static void CatIsEqual(Workspace place, string name, long offset, long length)
    {
        string output = Path.Combine(place.Disk, "window");
        string[] intoFile = ["sh", "-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh", output];
        string[] args = ["cat", place.BundlePath, name, "--offset", $"{offset}", "--length", $"{length}"];
        Ended.With(0, Cli.Start(args, before: intoFile).Wait());

        using FileStream source = File.OpenRead(place.Source(name));
        byte[] expected = new byte[Math.Clamp(source.Length - offset, 0, length)];
        source.Position = offset;
        source.ReadExactly(expected);
        Assert.True(
            expected.AsSpan()
            .SequenceEqual(File.ReadAllBytes(output)), $"{name} differs between {offset} and {offset + length}.");
    }
}
