using System.Text;
using System.Text.Json.Nodes;
using BundleCopier.Elf;
using BundleCopier.Input;
using BundleCopier.Journal;
using BundleCopier.Lz4;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Tests.Elf;
using BundleCopier.Tests.Restore;
using Xunit;

namespace BundleCopier.Tests.Fuzzing;

/// <summary>All parsers of what other programs or users have written.</summary>
internal static class ParserTargets
{
    private static readonly ReceiptFile[] SmallEntries =
        [.. Contents.All.Where(static c => c.File.Length < 64 * 1024).Select(static c => Reading.Entry(c.Content))];

    [ThreadStatic]
    private static Reading? reading;

    public static readonly ParserTarget Manifest =
        new("manifest", [.. ParserTarget.Corpus("manifest")], 8 << 20, CheckManifest);

    public static readonly ParserTarget Receipt = new(
        "receipt",
        [.. ParserTarget.Corpus("receipt"), Encoding.UTF8.GetBytes(Tests.Receipt.Receipts.Text(
            Tests.Receipt.Receipts.Full))],
        16 << 20,
        CheckReceipt);

    public static readonly ParserTarget Journal =
        new("journal", [.. ParserTarget.Corpus("journal"), JournalOfAll()], 8 << 20, CheckJournal);

    // The parser of HOCON has a thread of its own.
    public static readonly ParserTarget Settings =
        new("settings", [.. ParserTarget.Corpus("settings")], 8 << 20, CheckSettings);

    public static readonly ParserTarget Values =
        new("values", [.. ParserTarget.Corpus("values")], 16 << 20, CheckValues);

    public static readonly ParserTarget Frames = new(
        "frames", [.. ParserTarget.Corpus("frames"), .. Contents.All.Select(static c => c.File)
            .Where(static f => f.Length < 64 * 1024)], 1 << 20, CheckFrames);

    public static readonly ParserTarget Core = new(
        "core",
        [new CoreFile().ToArray(), new CoreFile { Is64 = false }.ToArray(), new CoreFile { Mappings = 5 }.ToArray()],
        64 << 10,
        CheckCore);

    public static readonly ParserTarget Maps = new("maps", [.. ParserTarget.Corpus("maps")], 8 << 20, CheckMaps);

    public static IReadOnlyDictionary<string, ParserTarget> All { get; } =
        ((ParserTarget[])[Manifest, Receipt, Journal, Settings, Values, Frames, Core, Maps])
            .ToDictionary(static t => t.Name);

    private static void CheckManifest(byte[] input)
    {
        Parsed<BundleManifest> read = ManifestReader.Read(input, "m");
        if (!read.IsOk)
        {
            IsPrintable(read.Error);
            return;
        }

        string text = TextOf(read.Value);
        Parsed<BundleManifest> again = ManifestReader.Read(Encoding.UTF8.GetBytes(text), "m");
        Assert.Equal(text, again.IsOk ? TextOf(again.Value) : again.ToString());
    }

    private static string TextOf(BundleManifest manifest) => new JsonObject
    {
        ["version"] = 1,
        ["bundle"] = manifest.Bundle,
        ["destination"] = manifest.Destination ?? "/",
        ["labels"] = new JsonObject(
            manifest.Labels.Select(static l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))),
        ["files"] = new JsonArray([.. manifest.Files.Select(ObjectOf)]),
    }.ToJsonString();

    private static JsonObject ObjectOf(ManifestFile file)
    {
        JsonObject entry = new() { ["priority"] = file.Priority };
        if (file.Process is { } process)
        {
            entry["process"] = process.Pid;
            if (process.Include is { } include)
                entry["include"] = new JsonArray([.. include.Select(static p => (JsonNode)p)]);
            if (process.Exclude is { } exclude)
                entry["exclude"] = new JsonArray([.. exclude.Select(static p => (JsonNode)p)]);
        }
        else if (file.SysV is { } segment)
        {
            entry["sysv"] = segment;
        }
        else
        {
            entry["source"] = file.Source;
        }

        if (file.Name is not null)
            entry["name"] = file.Name;
        if (file.Compression is { } compression)
            entry["compression"] = compression.ToString().ToLowerInvariant();
        if (file.Ranges is { } ranges)
        {
            entry["ranges"] = new JsonArray(
                [.. ranges.Select(static r => new JsonObject { ["offset"] = r.Offset, ["length"] = r.Length })]);
        }

        return entry;
    }

    private static void CheckReceipt(byte[] input)
    {
        using MemoryStream text = new(input);
        Parsed<BundleReceipt> read = ReceiptReader.Read(text, "r");
        List<ReceiptFile> files = [];
        using MemoryStream stored = new(input);
        Parsed<BundleReceipt> held =
            ReceiptReader.Read(stored, "r", ReceiptLimits.Stored, files.Add, () => files);
        Assert.Equal(read.IsOk, held.IsOk);
        if (!read.IsOk)
        {
            IsPrintable(read.Error);
            IsPrintable(held.Error!);
            return;
        }

        Assert.Equal(read.Value.Files.Count, files.Count);
        string written = Tests.Receipt.Receipts.Text(read.Value);
        using MemoryStream once = new(Encoding.UTF8.GetBytes(written));
        Parsed<BundleReceipt> again = ReceiptReader.Read(once, "r");
        Assert.Equal(written, again.IsOk ? Tests.Receipt.Receipts.Text(again.Value) : again.ToString());
    }

    // Also blocks whose hash is right: a user who can write the file can compute it.
    private static void CheckJournal(byte[] input)
    {
        ReadJournal(input, isSealed: false);
        ReadJournal(input, isSealed: true);
    }

    private static void ReadJournal(byte[] input, bool isSealed)
    {
        JournalContent? journal = null;
        byte[] block = new byte[JournalFormat.BlockBytes];
        for (int number = 0; (number + 1) * block.Length <= input.Length; number++)
        {
            input.AsSpan(number * block.Length, block.Length).CopyTo(block);
            if (isSealed)
            {
                int length = Math.Clamp(BitConverter.ToInt32(block, 8), 0, JournalFormat.MaxRecordBytes);
                JournalFormat.Seal(block, length, number);
            }

            if (number == 0 ? (journal = JournalContent.Begin(block)) is null : !journal!.TryAdd(block))
                break;
        }

        Assert.All(
            journal?.Files.Keys ?? [],
            static path => Assert.DoesNotContain(path.Split('/'), static name => name is "" or "." or ".."));
    }

    private static byte[] JournalOfAll()
    {
        using JournalBlocks blocks = new(0);
        blocks.AddStart("boot", "b");
        for (int file = 0; file < 60; file++)
        {
            blocks.AddFile(file, $"directory/file{file}", default, isAgain: file % 2 == 1);
            blocks.AddSegment(new JournalEntry(file, new KeptSegment(file, 7, 8, 9)));
            SeekEntry frame = new(file + 1, 100, 4096 * file, 11);
            blocks.AddSegment(new JournalEntry(file, new KeptSegment(file + 1, 7, 8, 9, frame, 4096)));
        }

        return blocks.Take().ToArray();
    }

    private static void CheckSettings(byte[] input)
    {
        Parsed<CopySettings> read = SettingsReader.ReadText(Encoding.UTF8.GetString(input), "c");
        if (read.IsOk)
            return;
        IsPrintable(read.Error);
        // The reader stops a parser that hangs. If that happens here, HoconCheck needs a new rule.
        Assert.DoesNotContain("without an end", read.Error.Problem, StringComparison.Ordinal);
    }

    private static void CheckValues(byte[] input)
    {
        foreach (string text in Encoding.UTF8.GetString(input).Split('\n'))
        {
            if (ByteSize.TryParse(text, out long sizeBytes))
            {
                Assert.True(ByteSize.TryParse(ByteSize.ToSetting(sizeBytes), out long again));
                Assert.Equal(sizeBytes, again);
                Assert.NotEmpty(ByteSize.Format(sizeBytes));
            }

            if (Duration.TryParse(text, out TimeSpan time))
            {
                Assert.True(Duration.TryParse(Duration.Format(time), out TimeSpan again));
                Assert.Equal((long)time.TotalMilliseconds, (long)again.TotalMilliseconds);
                Assert.NotEmpty(Duration.InWords(time));
            }

            if (DiskAmount.Parse(text) is { } amount)
                Assert.Equal(amount, DiskAmount.Parse(amount.ToString()));
            if (NameRules.NameProblem(text) is null)
                Assert.DoesNotContain(text.Split('/'), static name => name is "" or "." or "..");
            // A search for a character would count: it allocates 1.8 KB for a line of 10 characters (measured).
            if (NameRules.BundleProblem(text) is null)
                Assert.DoesNotContain("/", text, StringComparison.Ordinal);
            if (GlobPattern.IsPattern(text))
                _ = GlobPattern.Parse(text).IsMatch("engine-7.ring");
        }
    }

    // However the core is cut into pieces, the verdict is the same.
    private static void CheckCore(byte[] input)
    {
        CoreJudge whole = new();
        whole.Add(input);
        CoreVerdict expected = whole.Conclude();
        CoreJudge pieces = new();
        for (int at = 0, length = 1; at < input.Length; at += length)
        {
            length = Math.Min(1 + ((at * 7) % 300), input.Length - at);
            pieces.Add(input.AsSpan(at, length));
        }

        Assert.Equal(expected, pieces.Conclude());
        Assert.True(expected is { IsElf: true } or { IsWhole: false, ExpectedBytes: null });
        Assert.True(!expected.IsWhole || expected.ExpectedBytes <= input.Length);
        Assert.InRange(expected.ExpectedBytes ?? 0, 0, BundleCopier.Model.SegmentGrid.MaxFileBytes);
        int known = 0;
        while (CoreLayout.NeededBytes(input.AsSpan(0, known)) is { } needed && needed <= input.Length)
        {
            if (needed > known)
            {
                known = (int)needed;
                continue;
            }

            CoreLayout? layout = CoreLayout.Read(input[..known], static (from, _) => from % 3 == 1);
            long end = known;
            foreach (CoreArea area in layout?.Areas ?? [])
            {
                Assert.True(area.Offset >= end && area.Length > 0);
                end = area.End;
            }

            Assert.Equal(end, layout?.SizeBytes ?? end);
            break;
        }
    }

    // A process may give any name to its memory.
    private static void CheckMaps(byte[] input)
    {
        List<MemoryMapping> whole = [];
        _ = new MapsText(whole.Add).Add(input);
        List<MemoryMapping> pieces = [];
        MapsText parser = new(pieces.Add);
        for (int at = 0; at < input.Length; at += 7)
            _ = parser.Add(input.AsSpan(at, Math.Min(7, input.Length - at)));
        Assert.Equal(whole, pieces);
        MemoryNames names = new();
        HashSet<string> taken = [];
        foreach (MemoryMapping mapping in whole)
        {
            string name = names.Take("4711", mapping);
            Assert.Null(NameRules.NameProblem(name));
            Assert.Equal(2, name.Split('/').Length);
            Assert.True(taken.Add(name), name);
        }
    }

    private static void CheckFrames(byte[] input)
    {
        reading ??= new Reading();
        foreach (ReceiptFile entry in SmallEntries)
        {
            _ = reading.Check(input, entry, checksGaps: true);
            _ = reading.Check(input, entry, BundleCopier.Restore.ContentUse.Salvage, null);
        }
    }

    private static void IsPrintable(InputError error)
    {
        string line = error.ToString();
        Assert.Equal(Printable.Of(line), line);
        Assert.InRange(line.Length, 1, 4096);
        Assert.NotEmpty(error.Mend);
    }
}
