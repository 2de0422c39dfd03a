using Akka.Configuration;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Settings;

public sealed class SettingsReaderTests
{
    [Fact]
    public void Every_key_is_read()
    {
        CopySettings settings = SettingsReader.ReadText("""
            bundle-copier {
              deadline = 90s
              budget = 64 MiB, checksum = off, zero-detection = false
              reader { mode = Map, threads = 3 }
              writer.threads = 4
              writer.io = dontcache
              governor.profile = gentle
              memory.lock = true
              destination.retention { max-use = 20%, keep-free = 10 GiB, max-bundles = 7, partial-max-age = 7d }
              canary = on
              process { scheduling = idle, nice = 19, io-priority = low, oom-score-adj = -1000 }
              process { protect = on, sandbox = require }
              progress-interval = 1s
              io-dispatcher { type = ForkJoinDispatcher, anything.at-all = [1, 2] }
            }
            """, "c").Value!;
        Assert.Equal(
            new CopySettings
            {
                BudgetBytes = 64L << 20,
                Deadline = TimeSpan.FromSeconds(90),
                Checksum = false,
                ZeroDetection = false,
                ReaderMode = ReadMode.Map,
                ReaderThreads = 3,
                WriterThreads = 4,
                WriterIo = OutputIo.DontCache,
                GovernorProfile = GovernorProfile.Gentle,
                MemoryLock = true,
                Retention = new RetentionSettings
                {
                    MaxUse = DiskAmount.OfPercent(20),
                    KeepFree = DiskAmount.OfBytes(10L << 30),
                    MaxBundles = 7,
                    PartialMaxAge = TimeSpan.FromDays(7),
                },
                Canary = true,
                Scheduling = CpuScheduling.Idle,
                Nice = 19,
                IoPriority = IoPriority.Low,
                OomScoreAdj = -1000,
                Protection = ProcessProtection.On,
                Sandbox = ProcessSandbox.Require,
                ProgressInterval = TimeSpan.FromSeconds(1),
            },
            settings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment")]
    [InlineData("bundle-copier {}")]
    [InlineData("\uFEFFbundle-copier { budget = 32MiB }")]
    [InlineData("{\"bundle-copier\": {\"reader\": {\"threads\": 2}}}")]
    public void Settings_that_are_not_given_keep_their_defaults(string hocon) =>
        Assert.Equal(new CopySettings(), SettingsReader.ReadText(hocon, "c").Value);

    [Fact]
    public void Sections_of_others_are_left_alone() =>
        Assert.True(
            SettingsReader.ReadText(
            "akka { loglevel = DEBUG, actor.default-dispatcher { throughput = 1 } }\nmy-app = 3", "c").IsOk);

    [Fact]
    public void The_last_of_two_equal_keys_counts_as_in_HOCON() =>
        Assert.Equal(
            3, SettingsReader.ReadText(
            "bundle-copier.reader.threads = 5\nbundle-copier { reader { threads = 3 } }", "c").Value!.ReaderThreads);

    [Theory]
    [InlineData("bundle-copier { bugdet = 1MiB }", "bundle-copier.bugdet", "Did you mean \"bundle-copier.budget\"?")]
    [InlineData(
        "bundle-copier { reader { thread = 1 } }", "bundle-copier.reader.thread",
        "Did you mean \"bundle-copier.reader.threads\"?")]
    [InlineData("bundle-copier { mode = map }", "bundle-copier.mode", "Did you mean \"bundle-copier.reader.mode\"?")]
    [InlineData(
        "bundle-copier { raeder { threads = 1 } }", "bundle-copier.raeder", "Did you mean \"bundle-copier.reader\"?")]
    [InlineData(
        "bundle-copier { colour = red }", "bundle-copier.colour",
        "Allowed here: budget, deadline, checksum, zero-detection, compression, source.trust")]
    [InlineData(
        "bundle-copier { writer { colour = red } }", "bundle-copier.writer.colour",
        "Allowed here: threads, io, max-rate.")]
    [InlineData("bundle-copier { reader = map }", "bundle-copier.reader", "Allowed in it: mode, threads, core.")]
    [InlineData("bundle-copier { io-dispatcher = pinned }", "bundle-copier.io-dispatcher", "Give an Akka dispatcher")]
    [InlineData("bundle-copier = 3", "bundle-copier", "Write bundle-copier {")]
    [InlineData("bundle-copyer { budget = 4MiB }", "bundle-copyer", "Did you mean \"bundle-copier\"?")]
    [InlineData("\"bundle-copier.budget\" = 4MiB", "bundle-copier.budget", "Take out the quotes.")]
    [InlineData("bundle-copier { \"reader.threads\" = 4 }", "bundle-copier.reader.threads", "Did you mean")]
    [InlineData(
        "bundle-copier { checksum on }", "bundle-copier.checksum on", "Did you mean \"bundle-copier.checksum\"?")]
    [InlineData("bundle-copier { budget += 4MiB }", "bundle-copier.budget +", "Did you mean \"bundle-copier.budget\"?")]
    [InlineData("bundle-copier { budget = }", "bundle-copier.budget", "Write budget = and one value.")]
    [InlineData("bundle-copier { budget = null }", "bundle-copier.budget", "Write budget = and one value.")]
    [InlineData("bundle-copier { budget = \"\" }", "bundle-copier.budget", "Write budget = and one value.")]
    [InlineData("bundle-copier { budget = [1, 2] }", "bundle-copier.budget", "Write budget = and one value.")]
    [InlineData("bundle-copier { budget { a = 1 } }", "bundle-copier.budget", "Write budget = and one value.")]
    [InlineData("bundle-copier { budget = lots }", "bundle-copier.budget", "Give a size from 2MiB to 4GiB")]
    [InlineData("bundle-copier { budget = 1MiB }", "bundle-copier.budget", "Give a size from 2MiB to 4GiB.")]
    [InlineData("bundle-copier { budget = 4097MiB }", "bundle-copier.budget", "Give a size from 2MiB to 4GiB.")]
    [InlineData("bundle-copier { budget = 32MB }", "bundle-copier.budget", "The nearest are 30MiB and 31MiB.")]
    [InlineData(
        "bundle-copier { governor.profile = brisk }", "bundle-copier.governor.profile",
        "Give one of: gentle, balanced, full.")]
    [InlineData("bundle-copier { memory.lock = 8MiB }", "bundle-copier.memory.lock", "Give on or off.")]
    [InlineData("bundle-copier { memory = locked }", "bundle-copier.memory", "Allowed in it: lock.")]
    [InlineData("bundle-copier { checksum = maybe }", "bundle-copier.checksum", "Give on or off.")]
    [InlineData("bundle-copier { reader.mode = fast }", "bundle-copier.reader.mode", "Give one of: auto, slab, map.")]
    [InlineData("bundle-copier { reader.mode = 1 }", "bundle-copier.reader.mode", "Give one of: auto, slab, map.")]
    [InlineData(
        "bundle-copier { reader.threads = 0 }", "bundle-copier.reader.threads", "Give a whole number from 1 to 16.")]
    [InlineData(
        "bundle-copier { reader.threads = 2.5 }", "bundle-copier.reader.threads", "Give a whole number from 1 to 16.")]
    [InlineData(
        "bundle-copier { writer.threads = 17 }", "bundle-copier.writer.threads", "Give a whole number from 1 to 16.")]
    [InlineData(
        "bundle-copier { writer.io = buffered }", "bundle-copier.writer.io",
        "Give one of: auto, direct, dontcache, bounded.")]
    [InlineData(
        "bundle-copier { writer.max-rate = fast }", "bundle-copier.writer.max-rate",
        "Give off, or a size of at least 1MiB")]
    [InlineData(
        "bundle-copier { writer.max-rate = 1KiB }", "bundle-copier.writer.max-rate",
        "Give off, or a size of at least 1MiB")]
    [InlineData(
        "bundle-copier { destination.retention.max-use = 120% }", "bundle-copier.destination.retention.max-use",
        "Give off, a size such as 50GiB, or a share of the filesystem such as 10%.")]
    [InlineData(
        "bundle-copier { destination.retention.max-bundles = 0 }", "bundle-copier.destination.retention.max-bundles",
        "Give off, or a whole number from 1.")]
    [InlineData(
        "bundle-copier { destination.retention.partial-max-age = 7 }",
        "bundle-copier.destination.retention.partial-max-age", "Give off, or a time with its unit")]
    [InlineData(
        "bundle-copier { destination { retention { max-bundle = 3 } } }",
        "bundle-copier.destination.retention.max-bundle",
        "Did you mean \"bundle-copier.destination.retention.max-bundles\"?")]
    [InlineData(
        "bundle-copier { destination { retention = 3 } }", "bundle-copier.destination.retention",
        "Allowed in it: max-use, keep-free, max-bundles, partial-max-age.")]
    [InlineData("bundle-copier { source.trust = all }", "bundle-copier.source.trust", "Give one of: owner, any.")]
    [InlineData("bundle-copier { source.max-files = 0 }", "bundle-copier.source.max-files", "from 1 to 1000000.")]
    [InlineData("bundle-copier { source.max-files = many }", "bundle-copier.source.max-files", "from 1 to 1000000.")]
    [InlineData("bundle-copier { source.max-bytes = off }", "bundle-copier.source.max-bytes", "at least 1 byte")]
    [InlineData("bundle-copier { source.max-bytes = 0 }", "bundle-copier.source.max-bytes", "at least 1 byte")]
    [InlineData("bundle-copier { compression = zip }", "bundle-copier.compression", "Give one of: none, lz4, auto.")]
    [InlineData(
        "bundle-copier { compressor.threads = 0 }", "bundle-copier.compressor.threads",
        "Give a whole number from 1 to 16.")]
    [InlineData(
        "bundle-copier { process.scheduling = fifo }", "bundle-copier.process.scheduling",
        "Give one of: auto, keep, batch, idle.")]
    [InlineData(
        "bundle-copier { process.nice = 20 }", "bundle-copier.process.nice",
        "Give a whole number from 0, which keeps it, to 19.")]
    [InlineData(
        "bundle-copier { process.nice = -1 }", "bundle-copier.process.nice",
        "Give a whole number from 0, which keeps it, to 19.")]
    [InlineData(
        "bundle-copier { process.io-priority = realtime }", "bundle-copier.process.io-priority",
        "Give one of: keep, low, idle.")]
    [InlineData(
        "bundle-copier { process.oom-score-adj = 1001 }", "bundle-copier.process.oom-score-adj",
        "Give auto, or a whole number from -1000, which keeps it, to 1000.")]
    [InlineData(
        "bundle-copier { process.oom-score-adj = never }", "bundle-copier.process.oom-score-adj",
        "Give auto, or a whole number from -1000, which keeps it, to 1000.")]
    [InlineData(
        "bundle-copier { process.sandbox = on }", "bundle-copier.process.sandbox",
        "Give one of: auto, off, require.")]
    [InlineData(
        "bundle-copier { process.protect = off }", "bundle-copier.process.protect",
        "Give one of: auto, on.")]
    [InlineData(
        "bundle-copier { process.oom = 1 }", "bundle-copier.process.oom",
        "Allowed here: scheduling, nice, io-priority, oom-score-adj, protect, sandbox.")]
    [InlineData(
        "bundle-copier { process = low }", "bundle-copier.process",
        "Allowed in it: scheduling, nice, io-priority, oom-score-adj, protect, sandbox.")]
    [InlineData(
        "bundle-copier { progress-interval = 5 }", "bundle-copier.progress-interval",
        "Give a time with its unit, from 50ms to 1m.")]
    [InlineData(
        "bundle-copier { progress-interval = 10ms }", "bundle-copier.progress-interval",
        "Give a time from 50ms to 1m.")]
    [InlineData(
        "bundle-copier { progress-interval = 2m }", "bundle-copier.progress-interval", "Give a time from 50ms to 1m.")]
    public void A_wrong_key_or_value_is_refused_by_its_full_name(string hocon, string field, string mend) =>
        AssertError(SettingsReader.ReadText(hocon, "c"), field, mend);

    [Theory]
    [InlineData("bundle-copier {\n  budget = 4MiB", "line 1, column 15", "Add a '}'.")]
    [InlineData(
        "bundle-copier { budget = 4MiB } }\nbundle-copier { checksum = off }", "line 1, column 33", "Take it out")]
    [InlineData("x = [1, 2", "line 1, column 5", "Add a ']'.")]
    [InlineData("x = [1, 2}", "line 1, column 10", "Take it out")]
    [InlineData("x = [= 1]", "line 1, column 6", "Put the text in quotes")]
    [InlineData("x = [1, a{b = 2}]", "line 1, column 10", "Put a comma between them")]
    [InlineData("x = [\\1]", "line 1, column 6", "Put the text in quotes")]
    [InlineData("x = [a : 1]", "line 1, column 8", "Put the text in quotes")]
    [InlineData("x = [{{a : 2}]", "line 1, column 7", "Put a key")]
    [InlineData("x { a = 1, { b = 2 } }", "line 1, column 12", "Put a key")]
    [InlineData("x = \"open", "line 1, column 5", "Close it")]
    [InlineData("\n include \"/etc/passwd\"", "line 2, column 2", "Write the settings into this file.")]
    [InlineData("bundle-copier { include \"a\" }", "line 1, column 17", "Write the settings into this file.")]
    [InlineData("x = 1\nbundle-copier { budget = ${x} }", "line 2, column 26", "Write the value out")]
    [InlineData("bundle-copier { budget = ${?x} }", "line 1, column 26", "Write the value out")]
    [InlineData("a = 1\0", "line 1, column 6", "plain text")]
    [InlineData("[1, 2]", "", "Compare it with bundle.hocon.")]
    public void Text_that_the_parser_would_misread_is_refused_with_its_place(
        string hocon, string field, string mend) =>
        AssertError(SettingsReader.ReadText(hocon, "c"), field, mend);

    [Theory]
    [InlineData("x = \"a } \\\" ${b} # c\"")]
    [InlineData("x = \"\"\"a \" } ${b}\"\"\"")]
    [InlineData("# } ${b} \" include \"x\"\nx = 1 // { [ \"")]
    [InlineData("include = 3\ninclude-this { a = 1 }")]
    public void Brackets_and_quotes_inside_strings_and_comments_are_only_text(string hocon) =>
        Assert.True(SettingsReader.ReadText(hocon, "c").IsOk, hocon);

    [Fact]
    public void Deep_nesting_is_refused_and_not_followed() =>
        Assert.Contains(
            "levels deep", SettingsReader.ReadText(string.Concat(Enumerable.Repeat("a{", 100_000)), "c")
            .ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_parsed_configuration_that_contains_itself_is_refused_and_not_followed()
    {
        Assert.False(
            SettingsReader.Read(ConfigurationFactory.ParseString("bundle-copier { budget = ${?x} }"), "c").IsOk);
        Assert.False(SettingsReader.Read(ConfigurationFactory.ParseString("bundle-copier = ${?x}"), "c").IsOk);
    }

    [Fact]
    public void A_parsed_configuration_with_fallbacks_is_read_as_one() =>
        Assert.Equal(
            (3, 5),
            SettingsReader.Read(
                ConfigurationFactory.ParseString("bundle-copier.reader.threads = 3")
                    .WithFallback("bundle-copier { reader.threads = 9, writer.threads = 5 }"),
                "c").Value is { } s ? (s.ReaderThreads, s.WriterThreads) : default);

    [Fact]
    public void Settings_made_in_code_have_the_same_limits()
    {
        Assert.Null(new CopySettings().Problem("code"));
        Assert.Equal("bundle-copier.budget", new CopySettings { BudgetBytes = 1 }.Problem("code")!.Field);
        Assert.Equal("bundle-copier.writer.threads", new CopySettings { WriterThreads = 0 }.Problem("code")!.Field);
        Assert.Equal("bundle-copier.writer.io", new CopySettings { WriterIo = (OutputIo)9 }.Problem("code")!.Field);
        Assert.Equal("bundle-copier.process.nice", new CopySettings { Nice = -1 }.Problem("code")!.Field);
        Assert.Equal(
            "bundle-copier.process.oom-score-adj", new CopySettings { OomScoreAdj = 1001 }.Problem("code")!.Field);
        Assert.Equal(
            "bundle-copier.process.scheduling", new CopySettings { Scheduling = (CpuScheduling)9 }.Problem(
            "code")!.Field);
        Assert.Equal(
            "bundle-copier.process.io-priority", new CopySettings { IoPriority = (IoPriority)9 }.Problem(
            "code")!.Field);
        Assert.Equal(
            "bundle-copier.progress-interval", new CopySettings { ProgressInterval = TimeSpan.Zero }.Problem(
            "code")!.Field);
    }

    [Theory]
    [InlineData("0", 0, null)]
    [InlineData("1GiB", 1 << 30, null)]
    [InlineData("5%", 0, 5.0)]
    public void Free_space_is_kept_in_bytes_or_percent(string text, long bytes, double? percent) => Assert.Equal(
        percent is { } share ? DiskAmount.OfPercent(share) : DiskAmount.OfBytes(bytes),
        SettingsReader.ReadText($"bundle-copier.destination.keep-free = \"{text}\"", "c").Value!.DestinationKeepFree);

    [Theory]
    [InlineData("101%")]
    [InlineData("-1%")]
    [InlineData("much")]
    public void Free_space_that_is_neither_is_refused(string text) => AssertError(
        SettingsReader.ReadText($"bundle-copier.destination.keep-free = \"{text}\"", "c"),
        "bundle-copier.destination.keep-free",
        "Give off, a size such as 50GiB, or a share of the filesystem such as 10%.");

    [Fact]
    public void A_part_of_a_large_filesystem_does_not_overflow() =>
        Assert.InRange(DiskAmount.OfPercent(50).Of(long.MaxValue)!.Value, long.MaxValue / 3, long.MaxValue / 3 * 2);

    [Fact]
    public void An_error_in_a_budget_from_the_command_line_names_the_option() => Assert.Equal(
        "--budget: \"lots\" is not a size. Give a size from 2MiB to 4GiB, such as 32MiB.", CopySettings.ParseBudget(
            "lots", "--budget").ToString());

    private static void AssertError(Parsed<CopySettings> parsed, string field, string mend)
    {
        Assert.False(parsed.IsOk);
        Assert.Equal(field, parsed.Error.Field);
        Assert.Contains(mend, parsed.Error.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, 24, 8)] // three quarters of a limit of 32 MiB
    [InlineData(32, 37, 12)]
    [InlineData(32, 48, 16)]
    [InlineData(32, 96, 32)]
    [InlineData(32, 24_000, 32)]
    [InlineData(32, 1, 2)]
    [InlineData(2, 96, 2)]
    public void The_default_budget_is_a_quarter_of_a_low_limit(
        long defaultMiB, long heapMiB, long budgetMiB) =>
        Assert.Equal(
            budgetMiB << 20, new CopySettings { BudgetBytes = defaultMiB << 20 }.WithStandardBudget(heapMiB << 20)
            .BudgetBytes);
}
