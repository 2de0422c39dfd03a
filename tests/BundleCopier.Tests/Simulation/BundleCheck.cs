using System.Buffers;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Simulation;

/// <summary>Checks that must hold for every run, with any faults: the receipt is true.</summary>
internal static class BundleCheck
{
    private const int Page = SimPages.PageBytes;

    private static readonly byte[] Zeros = new byte[Page];

    /// <summary>What must hold for any run. After a bug of the scout or the keeper, nothing may be committed.</summary>
    public static void Holds(SimRun run)
    {
        if (run.Case.Faults.HasThrown && run.Result is CopyResult.Refused { Refusal.Kind: RefusalKind.Internal })
        {
            ReceiptIsTrueAfterBug(run);
            Assert.DoesNotContain(run.Kernel.Leaks, l => l.StartsWith(nameof(SimSlab), StringComparison.Ordinal));
        }
        else
        {
            ReceiptIsTrue(run);
        }
    }

    public static void ReceiptIsTrue(SimRun run)
    {
        ReceiptIsTrueAfterBug(run);
        // A call that was given up may return late and go on with a handle that was closed meanwhile. Its SafeHandle
        // throws then, and nothing takes its result.
        if (run.Kernel.Hang is null)
            IsNone(run.Kernel.LateUses, "used after their end");
        Assert.True(
            !run.Kernel.Leaks.Any(), $"left open: {string.Join(", ", run.Kernel.Leaks)}, at the end of {run.Result}");
    }

    /// <summary>The same for a run with a bug, which may leave descriptors to the finalizer.</summary>
    public static void ReceiptIsTrueAfterBug(SimRun run)
    {
        IsNone(run.Kernel.Violations, "what no program may do");
        foreach (SimSource source in run.Kernel.Sources.Values.Where(s => !s.WasChanged))
            Assert.Equal(source.Original.Present, source.Pages.Present);
        Assert.True(
            (long)run.Kernel.PeakWindows << 20 <= run.Case.Settings.BudgetBytes,
            "more was mapped than the budget allows");
        bool isInternal = run.Result is CopyResult.Refused { Refusal.Kind: RefusalKind.Internal };
        Assert.False(isInternal && !run.Case.Faults.HasThrown, "the engine failed, and the test planted no bug");
        if (run.Kernel.Foreign is { } foreign)
            Assert.True(
                run.Kernel.Destination.Children.GetValueOrDefault(SimCase.Bundle) == foreign,
                "another program's file was replaced");
        if (run.Result is CopyResult.Committed committed)
            IsAsTheReceiptSays(run, committed.Receipt);
        else if (run.Kernel.CouldNotTakeNameBack && !isInternal
            && run.Refused.Refusal.Kind != RefusalKind.DestinationHung)
            Assert.Contains(
                run.Kernel.Destination.Children.Keys,
                name => FreeName.IsOf(SimCase.Bundle, name)
                    && run.Refused.Refusal.Message.Contains(
                        $"/{name} is there all the same", StringComparison.Ordinal));
        else if (run.Kernel is { Old: { } old, CouldNotTakeNameBack: false })
            Assert.Same(old, run.Kernel.Destination.Children.GetValueOrDefault(SimCase.Bundle));
        else if (run.Kernel is { Foreign: null, CouldNotTakeNameBack: false })
            Assert.DoesNotContain(SimCase.Bundle, run.Kernel.Destination.Children.Keys);
    }

    private static void IsNone(List<string> found, string what) =>
        Assert.True(found.Count == 0, $"{what}: {string.Join("; ", found.Take(10))}");

    /// <summary>Without faults nothing may be missing.</summary>
    public static void Complete(SimRun run)
    {
        ReceiptIsTrue(run);
        BundleReceipt receipt = run.Committed.Receipt;
        Assert.Equal(BundleStatus.Complete, receipt.Status);
        foreach (ReceiptFile file in receipt.Files)
        {
            Assert.Equal(FileStatus.Copied, file.Status);
            if (file.Stable || !run.Kernel.Sources[file.Source].HasUnseenStores)
                IsExact(run, file);
        }
    }

    private static void IsAsTheReceiptSays(SimRun run, BundleReceipt receipt)
    {
        // Another one where that was taken.
        SimFolder bundle = Assert.IsType<SimFolder>(run.Kernel.Destination.Children[receipt.Bundle]);
        Assert.Equal(receipt.Bundle, PathText.Name(run.Committed.Path));
        Assert.False(run.Kernel.HasFatalSync, "committed after a sync of the whole bundle failed");
        Assert.True(run.Kernel.Destination.IsOnPlatter(receipt.Bundle), "the bundle's name is not on disk");
        Assert.Equal(run.Case.Requests.Count, receipt.Files.Count);
        SimFile written = Assert.IsType<SimFile>(bundle.Children["receipt.json"]);
        byte[] text = new byte[written.Pages.Length];
        written.Pages.Read(0, text);
        ArrayBufferWriter<byte> expected = new();
        ReceiptWriter.Write(expected, receipt, indented: true);
        Assert.Equal(
            System.Text.Encoding.UTF8.GetString(expected.WrittenSpan), System.Text.Encoding.UTF8.GetString(text));
        Assert.True(
            ReceiptReader.Read(new MemoryStream(text), "receipt").IsOk, "the receipt does not hold to its own rules");
        Assert.InRange(receipt.Resources.PeakInFlightBytes, 0, run.Case.Settings.BudgetBytes);
        Assert.Equal(receipt.Files.All(f => f.Status == FileStatus.Copied), receipt.Status == BundleStatus.Complete);
        string[] listed =
        [
            .. receipt.Files.Where(f => f.Output is not null).Select(f => f.Output!)
                .Concat(FactsOf(receipt).Select(f => f.Name)).Order(),
        ];
        Assert.Equal(
            listed,
            bundle.Below("")
                .Where(static n => n.Path is not ("/receipt.json" or "/checksums"))
                .Where(n => n.Node is SimFile && (!n.Node.MayBeLeftOver || listed.Contains(n.Path[1..])))
                .Select(n => n.Path[1..]).Order());
        Assert.Equal(
            receipt.Files.Any(f => f.SegmentChecksumsOffset is not null),
            bundle.Children.GetValueOrDefault("checksums") is SimFile { MayBeLeftOver: false });
        foreach (ReceiptFact fact in FactsOf(receipt))
        {
            SimFile stored = Assert.IsType<SimFile>(bundle.Find(fact.Name));
            byte[] content = new byte[stored.Pages.Length];
            stored.Pages.Read(0, content);
            Assert.Equal((fact.Bytes, fact.Checksum), (content.Length, ReceiptFact.ChecksumOf(content)));
        }

        foreach (ReceiptFile file in receipt.Files)
        {
            Assert.Equal(file.Status == FileStatus.Copied, file.Error is null);
            Assert.Equal(file.Status is FileStatus.Copied or FileStatus.Partial, file.Output is not null);
            bool isLost =
                run.Kernel.FailedSyncs.Contains(
                $"{SimKernel.DestinationPath}/.{SimCase.Bundle}.partial/files/{file.Name}")
                || run.Kernel.FailedSyncs.Contains(
                    $"{SimKernel.DestinationPath}/.{SimCase.Bundle}.partial/files/{file.Name}.lz4");
            Assert.False(
                isLost && file.Status != FileStatus.Failed, $"{file.Name} was not synced and is {file.Status}");
            Assert.Null(StoredBundle.SegmentsProblem(file, bundle));
            if (file.Output is not null)
                HasTheRangesOfTheReceipt(run, file, Assert.IsType<SimFile>(bundle.Find(file.Output)));
        }
    }

    private static IEnumerable<ReceiptFact> FactsOf(BundleReceipt receipt) =>
        receipt.Facts?.Where(static f => f.Error is null) ?? [];

    private static void HasTheRangesOfTheReceipt(SimRun run, ReceiptFile file, SimFile output)
    {
        SimSource source = run.Kernel.Sources[file.Source];
        bool isCompressed = file.Compression == OutputCompression.Lz4;
        SimPages content = isCompressed ? SimStream.Content(output.Pages) : output.Pages;
        // A stream that could not be written to its end may end early, but not before the ranges in the receipt.
        if (isCompressed && file.Status == FileStatus.Partial)
            Assert.InRange(content.Length, file.Ranges.Count == 0 ? 0 : file.Ranges[^1].End, file.SizeBytes);
        else
            Assert.Equal(file.SizeBytes, content.Length);
        Assert.False(
            file.Stable && source.WasChangedWhileOpen, $"{file.Name} is called stable and changed during the copy");
        if (!source.WasChangedWhileOpen && (file.Stable || !source.HasUnseenStores))
        {
            if (file.Status == FileStatus.Copied || !source.Traits.IsStream)
                Assert.Equal(source.Opened.Length, file.SizeBytes);
            foreach (long page in source.Opened.Present.Union(content.Present))
            {
                if (!Masked(source.Opened, page, file.Ranges).AsSpan()
                    .SequenceEqual(Masked(content, page, file.Ranges)))
                    Assert.Fail(
                        $"{file.Name}: block {page} is not what the source has, and the receipt says that it is");
            }
        }

        if (file.Status == FileStatus.Copied)
        {
            Assert.Equal(Wanted(run, file), file.Ranges);
            // Outside of the ranges all bytes are zero.
            foreach (long page in content.Present)
                Assert.True(
                    Masked(content, page, file.Ranges).AsSpan()
                    .SequenceEqual(content.Page(page)), $"{file.Name}: block {page} has bytes outside of the ranges");
        }

        string? expected = run.Case.Settings.Checksum
            ? ExpectedChecksum.Of(content.Present.Select(p => (p, Masked(content, p, file.Ranges))), file.SizeBytes)
            : null;
        Assert.True(expected == file.Checksum, $"the checksum is not that of the ranges; {Describe(file)}");
    }

    private static void IsExact(SimRun run, ReceiptFile file)
    {
        SimPages source = run.Kernel.Sources[file.Source].Original;
        SimFile output = (SimFile)((SimFolder)run.Kernel.Destination.Children[SimCase.Bundle]).Find(file.Output!)!;
        bool isRaw = file.Compression == OutputCompression.None;
        long data = 0;
        long maxData = 0;
        foreach (long page in source.Present)
        {
            long wanted =
                file.Ranges.Sum(r => Math.Max(0, Math.Min(r.End, (page + 1) * Page) - Math.Max(r.Offset, page * Page)));
            data += source.IsData(page) ? wanted : 0;
            maxData += wanted;
            bool isHole = wanted == 0 || (run.Case.Settings.ZeroDetection
                ? !Masked(source, page, file.Ranges).AsSpan().ContainsAnyExcept((byte)0)
                : !source.IsData(page));
            Assert.True(
                !isRaw || isHole != output.Pages.IsPresent(
                page), $"{file.Name}: block {page} is {(isHole ? "no hole" : "a hole")}");
        }

        Assert.All(
            isRaw ? output.Pages.Present : [], page =>
            Assert.True(source.IsPresent(page), $"{file.Name}: block {page} is a hole in the source"));
        // Pages that were never written may be read with zero detection, and count as data then.
        Assert.InRange(file.DataBytes, data, run.Case.Settings.ZeroDetection ? maxData : data);
        Assert.Equal(isRaw ? output.Pages.Present.Count * (long)Page : output.Pages.Length, file.WrittenBytes);
    }

    private static string Describe(ReceiptFile file) =>
        $"{file.Name} of {file.SizeBytes} bytes went by {file.ReadMode}, is {file.Status} "
        + $"[{string.Join(' ', file.Ranges.Select(r => $"{r.Offset}+{r.Length}"))}], "
        + $"{file.Error?.Message ?? "without an error"}";

    /// <summary>A page, with zeros outside of the ranges. It may be the page itself, so do not change it.</summary>
    public static byte[] Masked(SimPages pages, long page, IReadOnlyList<ByteRange> ranges)
    {
        if (pages.At(page) is not { } held)
            return Zeros;
        foreach (ByteRange range in ranges)
        {
            if (range.Offset <= page * Page && range.End >= (page + 1) * Page)
                return held;
        }

        byte[] block = new byte[Page];
        foreach (ByteRange range in ranges)
        {
            int start = (int)Math.Clamp(range.Offset - (page * Page), 0, Page);
            int end = (int)Math.Clamp(range.End - (page * Page), 0, Page);
            if (end > start)
                pages.Page(page)[start..end].CopyTo(block.AsSpan(start));
        }

        return block;
    }

    private static List<ByteRange> Wanted(SimRun run, ReceiptFile file)
    {
        // A file of a pattern is in the manifest under the pattern, and wanted as a whole.
        IReadOnlyList<ByteRange> asked = run.Case.Manifest.Files.SingleOrDefault(w => w.Source == file.Source)?.Ranges
            ?? [new ByteRange(0, file.SizeBytes)];
        return [.. asked.Select(r => new ByteRange(r.Offset, Math.Min(r.End, file.SizeBytes) - r.Offset))
            .Where(r => r.Length > 0)];
    }
}
