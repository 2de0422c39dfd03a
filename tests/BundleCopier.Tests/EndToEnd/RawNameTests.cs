using System.Text.Json;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Names are bytes: whatever the kernel takes as a name is copied and restored byte for byte. The runtime cannot name
/// such files, so bash makes and compares them.
/// </summary>
public sealed class RawNameTests : IDisposable
{
    private const long MiB = 1 << 20;

    // Quoted for bash: bytes that are not UTF-8, and UTF-8 that looks like another name or is hostile to a terminal.
    private static readonly string[] Names =
    [
        @"raw-\xff", @"\xff", @"raw-\xe2\x82", @"raw-b\\s\xfe", @"raw-\xed\xb2\x80", @"plain\\xff",
        @"fffd-\xef\xbf\xbd", @"n-u\xcc\x88", @"n-\xc3\xbc", "Case", "case", @"line\nfeed", @"esc\e[31m\x07",
        @"rtl-\xe2\x80\xae", @"c1-\xc2\x9b", "quo\"te\\'", " lead", "trail.", "-dash", @"skull-\xf0\x9f\x92\x80",
        new('l', 255), string.Concat(Enumerable.Repeat(@"\xfe", 255)),
    ];

    private readonly Workspace place = new();

    public void Dispose()
    {
        // The runtime could not remove them.
        Tool.Run("find", place.Memory, place.Disk, "-mindepth", "1", "-delete");
        place.Dispose();
    }

    [KernelTheory]
    [InlineData("none")]
    [InlineData("lz4")]
    public void Files_of_any_name_are_copied_and_restored_byte_for_byte(string compression)
    {
        for (int i = 0; i < Names.Length; i++)
            Put(Names[i], i);
        Kernel.SetXattr(place.Source("Case"), [.. "user."u8, 0xFF], [1]);
        CliResult copied = place.Copy("--compression", compression, "--json");
        ReceiptView receipt = Ended.Committed(0, place, copied);
        Assert.Equal(Names.Length, receipt.Files.Count);
        // What is on standard output is the receipt in the bundle.
        using JsonDocument last = JsonDocument.Parse(copied.Output.TrimEnd().Split('\n')[^1]);
        Assert.True(JsonElement.DeepEquals(receipt.Root.GetProperty("files"), last.RootElement.GetProperty("files")));

        string[] escaped = [.. receipt.Root.GetProperty("files").EnumerateArray()
            .Where(static f => f.TryGetProperty("escaped", out JsonElement yes) && yes.GetBoolean())
            .Select(static f => f.GetProperty("name").GetString()!)];
        string[] expected =
        [
            @"Case", @"\xff", @"raw-\xff", @"raw-\xe2\x82", @"raw-b\\s\xfe", @"raw-\xed\xb2\x80", Names[^1],
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), escaped.Order(StringComparer.Ordinal));
        JsonElement named = receipt.Root.GetProperty("files").EnumerateArray()
            .Single(static f => f.GetProperty("name").GetString() == "Case");
        Assert.True(named.GetProperty("sourceMetadata").GetProperty("xattrs").TryGetProperty(@"user.\xff", out _));

        string restored = CompressedBundle.Extract(0, place);
        Bash($"diff -r '{place.Memory}' '{restored}'");
    }

    [KernelFact]
    public void One_file_is_named_by_its_bytes_or_as_the_receipt_spells_it()
    {
        Put(@"a\xff\\", 1);
        Put(@"b\\xff", 2);
        Ended.Committed(0, place, place.Copy("--compression", "lz4"));
        string restored = Path.Combine(place.Disk, "restored");
        Ended.With(0, Run(@"$'a\xff\\'", "", "extract", place.BundlePath, restored));
        Bash($"cmp '{restored}'/* '{place.Memory}'/a*");
        string content = Bash($"cat '{place.Memory}'/a*");
        Assert.Equal(content, Cli.Run("cat", place.BundlePath, @"a\xff\\").Output.Trim());
        Assert.Equal(Bash($"cat '{place.Memory}'/b*"), Cli.Run("cat", place.BundlePath, @"b\xff").Output.Trim());
        Ended.Says(Run(@"$'c\xff'", "", "cat", place.BundlePath), @"""c\xff"" is not in the bundle");
    }

    [KernelFact]
    public void Paths_of_any_bytes_are_given_as_arguments_and_counted_from_any_directory()
    {
        Put("a", 1);
        string manifest = place.Manifest(place.Source("*"));
        Bash($"mkdir -m 700 '{place.Disk}'/$'d\\xff' && cp '{manifest}' '{place.Disk}'/$'d\\xff/m\\xfe'");
        string inside = $"cd '{place.Disk}'/$'d\\xff' && ";
        CliResult copied = Run("$'--manifest=m\\xfe' --destination .", inside);
        Ended.With(0, copied);
        Ended.With(0, Run("b", inside, "verify"));
        CliResult again = Run($"--destination '{place.Disk}'/$'d\\xff'", "", "--manifest", manifest, "--replace");
        Ended.With(0, again);
        Ended.Says(again, @"d\xff/b");
        Assert.DoesNotContain('\uFFFD', again.Errors);
        Ended.With(0, Run("b $'e\\xff'", inside, "extract"));
        Bash($"diff -r '{place.Memory}' '{place.Disk}'/$'d\\xff/e\\xff'");
    }

    [KernelFact]
    public void A_killed_copy_of_such_a_file_goes_on()
    {
        Bash($"head -c {32 * MiB} /dev/urandom > '{place.Memory}'/$'a\\xff'");
        string config = place.Config("bundle-copier { writer.max-rate = 40MiB\nprocess.scheduling = keep }");
        string[] args = ["--manifest", place.Manifest(place.Source("a*")), "--config", config, "--budget", "2MiB"];
        using (RunningCli cli = Cli.Start(args))
        {
            cli.FreezeWhen(() => cli.WrittenBytes() >= 16 * MiB, "half of it is written");
            Moments.Kill(cli);
            Assert.Equal(137, cli.Wait().ExitCode);
        }

        ReceiptView receipt = Ended.Committed(0, place, Cli.Run(args));
        Assert.InRange(receipt.Resources.GetProperty("keptBytes").GetInt64(), 4 * MiB, 32 * MiB);
        Assert.Equal(@"a\xff", receipt.Files.Single().Name);
        Bash($"cmp '{place.Memory}'/* '{place.BundlePath}'/files/*");
    }

    [KernelFact]
    public void Messages_and_a_dry_run_spell_such_a_name_as_the_receipt_does()
    {
        Bash($"mkfifo '{place.Memory}'/$'a\\xff\\e'");
        CliResult plan = place.Copy("--dry-run", "--json");
        Ended.With(3, plan);
        Ended.Says(plan, @"a\xff\u001b: NOT_REGULAR");
        using JsonDocument planned = JsonDocument.Parse(plan.Output);
        JsonElement file = planned.RootElement.GetProperty("files")[0];
        Assert.Equal("a\\xff\u001b", file.GetProperty("name").GetString());
        Assert.True(file.GetProperty("escaped").GetBoolean());
    }

    /// <summary>Makes a source; its name is quoted for bash.</summary>
    private void Put(string name, int number) =>
        Bash($"yes {number} | head -c {(number == 0 ? 3 * MiB : 9000) + number} > '{place.Memory}'/$'{name}'");

    /// <summary>Runs the program with more arguments, in words of bash, behind the others.</summary>
    private static CliResult Run(string words, string before, params string[] args) =>
        Cli.Start(args, before: ["bash", "-c", $"{before}exec \"$@\" {words}", "bash"]).Wait();

    private static string Bash(string script) => Tool.Run("bash", "-c", script);
}
