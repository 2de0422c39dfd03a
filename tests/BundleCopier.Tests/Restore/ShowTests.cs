using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using BundleCopier.Cli;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;
using TestReceipts = BundleCopier.Tests.Receipt.Receipts;

namespace BundleCopier.Tests.Restore;

/// <summary>What <c>bundlecopy show</c> tells of a bundle, in a terminal and as a page.</summary>
public sealed partial class ShowTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const string Hostile = "</script></style><b onx=\"1\" ony='2'>&\u001b[2J\u202E]]>";

    private static readonly byte[] Content = Contents.Text(3 * MiB, 1);

    private readonly TestBundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void The_words_tell_what_was_saved_what_is_missing_where_the_time_went_and_what_others_felt()
    {
        Seal(Receipt());
        string text = ShowCommand.Text(bundle.Bundle, Read());
        Assert.StartsWith($"{bundle.Bundle}\n\nWhat was saved\n", text, StringComparison.Ordinal);
        foreach (string sentence in (string[])
            [
                "partial: 3 of 5 MiB saved; 2 MiB and 1 file of unknown size missing: the disk is full; and 1 more",
                "copied from 2026-11-22 20:14:05 to 2026-11-22 20:14:06 UTC",
                "1 of 2 files whole",
                "2 MiB in 1 file: the disk is full (ENOSPC)",
                "failed: gone ü: ENOENT: is not there",
                "finding the sources 2 ms, preparing the bundle 11 ms, copying 5.0 s",
                "the governor (gentle) held the copy back 2 times for the disk and once for memory",
                "it allowed 512 KiB to 1.75 MiB in flight to the disk, and 30 MiB a second at the least",
                "some task waited for memory in 0 % of the time",
                "write and fdatasync of 4 KiB: p99 4.3 ms, 3.3 ms before the copy",
                "host: node17",
                "3 MiB  3 MiB    3 MiB  a",
            ])
        {
            Assert.Contains(sentence, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_receipt_of_an_earlier_version_has_fewer_words()
    {
        Seal(Receipt() with
        {
            Bystanders = null,
            Missing = null,
            DataBytes = null,
            Resources = TestReceipts.Full.Resources with { MajorFaults = null, DestinationCachedBytes = null },
        });
        string text = ShowCommand.Text(bundle.Bundle, Read());
        Assert.DoesNotContain("What other programs felt", text, StringComparison.Ordinal);
        Assert.DoesNotContain("finding the sources", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<path", ShowPage.Of(Read()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_receipt_holds_can_control_neither_a_terminal_nor_a_page()
    {
        Seal(Receipt() with
        {
            Labels = new Dictionary<string, string> { [Hostile] = Hostile },
            Files =
            [
                Receipts.Raw(Hostile.Replace("/", "", StringComparison.Ordinal), Content),
                TestReceipts.Failed with { Name = Hostile, Error = new ReceiptError(Hostile, Hostile) },
            ],
            Missing = [new ReceiptMissing(Hostile, 1, 5, Hostile)],
        });
        BundleSummary summary = Read();
        Assert.DoesNotContain(ShowCommand.Text(bundle.Bundle, summary), static c => c is '\u001b' or '\u202E');
        string page = ShowPage.Of(summary);
        Assert.DoesNotContain(page, static c => c is '\u001b' or '\u202E');
        Assert.DoesNotContain("<b onx", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, Regex.Count(page, "</style>"));
        Assert.Contains("&lt;/script&gt;&lt;/style&gt;&lt;b onx=&quot;1&quot;", page, StringComparison.Ordinal);
        // Besides texts, the page has only elements and attributes of its own.
        string[] attributes = [.. Attribute().Matches(page).Select(static m => m.Groups[1].Value).Distinct()];
        Assert.Empty(attributes.Except(
            ["lang", "charset", "http-equiv", "content", "name", "class", "viewBox", "preserveAspectRatio", "role", "x",
                "y", "x1", "x2", "y1", "y2", "width", "height", "rx", "d", "fill-opacity", "text-anchor"]));
    }

    [Fact]
    public void A_page_needs_nothing_else_and_may_do_nothing()
    {
        Seal(Receipt());
        string page = ShowPage.Of(Read());
        Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.Contains("default-src &#39;none&#39;; style-src &#39;sha256-", page, StringComparison.Ordinal);
        Assert.Equal(6, Regex.Count(page, "<path class=\"(rate|flight|io|ram)\""));
        Assert.Contains("some task waited for a disk 50 %", page, StringComparison.Ordinal);
        foreach (Match svg in Svg().Matches(page))
            _ = XElement.Parse(svg.Value);
    }

    [Fact]
    public void A_map_shows_data_holes_compression_and_what_is_missing()
    {
        // Raw: 1 MiB of data, 1 MiB of a hole, 1 MiB that is not in the bundle.
        byte[] sparse = [.. Content[..MiB], .. new byte[2 * MiB]];
        ReceiptFile part = Receipts.Raw("raw", sparse) with { Status = FileStatus.Partial };
        bundle.Add(part with { Ranges = [new ByteRange(0, 2 * MiB)] }, [])
            .AddLz4("lz4", [.. Contents.Text(MiB, 2), .. new byte[MiB]]);
        using (FileStream file = File.OpenWrite(bundle.Stored(0)))
        {
            file.Write(sparse.AsSpan(0, MiB));
            file.SetLength(sparse.Length);
        }

        bundle.Seal();
        BundleSummary summary = Read();
        FileMap raw = Assert.Single(summary.Incomplete).Map!;
        Assert.Equal((1, 1), (raw.Covered(0), raw.Data(0)));
        Assert.Equal((1, 0), (raw.Covered(raw.Cells / 2), raw.Data(raw.Cells / 2)));
        Assert.Equal(0, raw.Covered(raw.Cells - 1));
        FileMap lz4 = Assert.Single(summary.Whole).Map!;
        Assert.InRange(lz4.Stored(0), 0.01, 0.99);
        Assert.Equal(1, lz4.Data(0));
        string page = ShowPage.Of(summary);
        foreach (string kind in (string[])["data", "lz4", "hole", "gone"])
            Assert.Contains($"<rect class=\"{kind}\" x=", page, StringComparison.Ordinal);
        Assert.Contains("2 MiB to 3 MiB: not in the bundle", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData((240 * 4096) + 1)]
    [InlineData(long.MaxValue - (16 << 20))]
    [InlineData(long.MaxValue)]
    public void A_map_of_a_file_of_any_size_has_few_cells_and_covers_all_of_it(long sizeBytes)
    {
        ReceiptFile entry = TestReceipts.Copied with
        {
            SizeBytes = sizeBytes,
            Ranges = sizeBytes == 0 ? [] : [new ByteRange(0, sizeBytes)],
        };
        FileMap map = FileMap.Empty(entry);
        Assert.InRange(map.Cells, 1, FileMap.MaxCells);
        if (sizeBytes > 0)
            Assert.All(Enumerable.Range(0, map.Cells), cell => Assert.Equal(1, map.Covered(cell), 1e-6));
    }

    [ChromiumFact]
    [Trait("Speed", "slow")]
    public void Chromium_shows_the_page_and_finds_nothing_to_refuse()
    {
        Seal(Receipt() with { Labels = new Dictionary<string, string> { [Hostile] = Hostile } });
        string file = Path.Combine(bundle.Root, "page.html");
        File.WriteAllText(file, ShowPage.Of(Read()));
        ProcessStartInfo start = new(EndToEnd.Tool.Find("chromium")!,
            ["--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={bundle.Root}/profile",
                "--enable-logging=stderr", "--dump-dom", $"file://{file}"]);
        Assert.Equal(0, Child.Run(start, out string page, out string errors));
        // What its policy forbids is told on the console, and so is a fault in the markup of SVG.
        Assert.DoesNotContain("CONSOLE", errors, StringComparison.Ordinal);
        Assert.Contains("class=\"rate\"", page, StringComparison.Ordinal);
        Assert.Contains("</script></style><b onx=\"1\""
            .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal),
            page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b onx", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_is_written_once_and_overwritten_with_force_only()
    {
        Seal(Receipt());
        string page = Path.Combine(bundle.Root, "page.html");
        Assert.Equal(0, await Run("show", bundle.Bundle, "--html", page));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(page));
        File.WriteAllText(page, "mine");
        Assert.Equal(4, await Run("show", bundle.Bundle, "--html", page));
        Assert.Equal("mine", File.ReadAllText(page));
        Assert.Equal(0, await Run("show", bundle.Bundle, "--html", page, "--force"));
        Assert.EndsWith("</html>\n", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Equal(2, await Run("show", bundle.Bundle, "--force"));
        Assert.Equal(2, await Run("show", bundle.Bundle, "--html", ""));
        Assert.Equal(4, await Run("show", bundle.Bundle, "--html", Path.Combine(bundle.Root, "gone", "page.html")));
        Assert.Equal(["b", "page.html"], Directory.GetFileSystemEntries(bundle.Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Without_a_bundle_it_ends_with_4_and_with_5_for_a_damaged_receipt()
    {
        Assert.Equal(4, await Run("show", bundle.Bundle));
        File.WriteAllText(Path.Combine(bundle.Bundle, "receipt.json"), "{");
        Assert.Equal(5, await Run("show", bundle.Bundle));
    }

    [Fact]
    public void Many_files_and_labels_are_counted_and_not_held()
    {
        Seal(Receipt() with
        {
            Labels = Enumerable.Range(0, 150).ToDictionary(static i => $"l{i}", static i => new string('x', 5000)),
            Files = [.. Enumerable.Range(0, 250).Select(static i => TestReceipts.Failed with { Name = $"f{i}" })],
        });
        BundleSummary summary = Read();
        Assert.Equal((100, 50, 100, 250),
            (summary.Labels.Count, summary.MoreLabels, summary.Incomplete.Count, summary.Saved.Files));
        Assert.All(summary.Labels, static label => Assert.InRange(label.Value.Length, 1, 1010));
        Assert.Contains("and 150 more; the receipt names them all", ShowPage.Of(summary), StringComparison.Ordinal);
    }

    private static BundleReceipt Receipt() => TestReceipts.Full with
    {
        Files =
        [
            Receipts.Raw("a", Content) with { SourceMetadata = TestReceipts.Copied.SourceMetadata },
            TestReceipts.Failed,
        ],
        Facts = null,
        Missing =
        [
            new ReceiptMissing("ENOSPC", 1, 2 * MiB, "the disk is full"),
            new ReceiptMissing("ENOENT", 1, 0, "there is no such file"),
        ],
        Resources = TestReceipts.Full.Resources with
        {
            Phases = new ReceiptPhases(2, 11, 5020),
            Timeline =
            [
                new ReceiptSample(2500, 2 * MiB, 8 * MiB, 0, 1250),
                new ReceiptSample(5000, 3 * MiB, 4 * MiB, 10, 1300),
            ],
        },
        Bystanders = TestReceipts.Full.Bystanders! with
        {
            Governor = new ReceiptGovernor
            {
                Profile = GovernorProfile.Gentle,
                DiskBackOffs = 2,
                MemoryBackOffs = 1,
                Starvations = 0,
                MinWindowBytes = 512 << 10,
                MaxWindowBytes = 1792 << 10,
                MinRateBytes = 30 * MiB,
            },
        },
    };

    private static Task<int> Run(params string[] args) => CommandLine.RunAsync(args);

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();

    // In a tag: a name, and its value in quotes.
    [GeneratedRegex("""(?<=<[a-z0-9]+(?: [a-zA-Z0-9-]+="[^"]*")*) ([a-zA-Z0-9-]+)="[^"]*"(?=[^<>]*>)""")]
    private static partial Regex Attribute();

    private void Seal(BundleReceipt receipt)
    {
        foreach (ReceiptFile file in receipt.Files.Where(static f => f.Output is not null))
        {
            string path = Path.Combine(bundle.Bundle, file.Output!);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Content);
        }

        File.WriteAllText(Path.Combine(bundle.Bundle, "receipt.json"), TestReceipts.Text(receipt));
    }

    private BundleSummary Read()
    {
        Assert.True(SummaryReader.Read(LinuxKernel.Instance, bundle.Bundle, withMaps: true)
            .Try(out BundleSummary? summary, out BundleProblem? problem), problem?.ToString());
        return summary;
    }
}

/// <summary>A test that needs chromium; it says so where that is not installed.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = EndToEnd.Tool.Find("chromium") is null
        ? "chromium is not installed (Debian: apt-get install --no-install-recommends chromium)"
        : null;
}
