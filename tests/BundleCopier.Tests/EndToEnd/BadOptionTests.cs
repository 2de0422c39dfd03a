using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Options and settings that are not valid end the program with 2, before anything is written.</summary>
public sealed class BadOptionTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory]
    [InlineData("--bugdet", "1MiB")]
    [InlineData("--frobnicate")]
    [InlineData("stray")]
    [InlineData("--manifest")]
    [InlineData("verify")]
    public void Unknown_arguments_are_named(params string[] args)
    {
        CliResult result = Cli.Run(args);
        Ended.Refused(2, place, result, "bundlecopy: ", "--help");
        if (args[0] != "verify")
            Ended.Says(result, args[0]);
    }

    [KernelTheory]
    [InlineData("Leave it out", "--budget", "32MiB", "verify", "BUNDLE")]
    [InlineData("Leave it out", "--budget", "x", "verify", "BUNDLE")]
    [InlineData("Leave it out", "--manifest", "/nowhere", "extract", "BUNDLE", "RESTORED")]
    [InlineData("Leave it out", "--json", "cat", "BUNDLE", "a")]
    [InlineData("Leave it out", "--dry-run", "verify", "BUNDLE")]
    [InlineData("behind verify", "--quiet", "verify", "BUNDLE", "--quiet")]
    public void An_option_of_a_copy_in_front_of_another_command_is_named(string mend, params string[] args)
    {
        Ended.Committed(0, place, CopyOne());
        string restored = Path.Combine(place.Disk, "restored");
        CliResult result =
            Cli.Run([.. args.Select(a => a switch { "BUNDLE" => place.BundlePath, "RESTORED" => restored, _ => a })]);
        Ended.With(2, result);
        Assert.False(Directory.Exists(restored));
        Assert.Equal("", result.Output);
        Ended.Says(result, $"bundlecopy: {args[0]}: ", mend);
    }

    [KernelFact]
    public void Every_misplaced_option_is_named_and_help_is_still_help()
    {
        Ended.Says(Cli.Run("--canary", "--budget", "4MiB", "verify", "/nowhere"), "--canary: ", "--budget: ");
        Ended.With(0, Cli.Run("--budget", "4MiB", "verify", "--help"));
    }

    [KernelTheory]
    [InlineData("1MiB")]
    [InlineData("0")]
    [InlineData("-32MiB")]
    [InlineData("5GiB")]
    [InlineData("3000001")]
    [InlineData("plenty")]
    [InlineData("32 apples")]
    [InlineData("")]
    [InlineData("99999999999999999999GiB")]
    public void A_budget_that_is_not_valid_is_refused(string budget) =>
        Ended.Refused(2, place, CopyOne("--budget", budget), "--budget");

    [KernelTheory]
    [InlineData("30")]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("99ms")]
    [InlineData("25h")]
    [InlineData("soon")]
    public void A_deadline_that_is_not_valid_is_refused_with_the_mend(string deadline) =>
        Ended.Refused(
            2, place, CopyOne("--deadline", deadline), "--deadline", "Give off, or a time with its unit", "as 30s");

    [KernelTheory]
    [InlineData("bundle-copier.deadline = soon", "deadline", "100ms to 24h")]
    [InlineData("bundle-copier.bugdet = 32MiB", "bugdet", "budget")]
    [InlineData("bundle-copier.reader.treads = 2", "treads", "threads")]
    [InlineData("bundle-copier.writer.threads = 99", "writer.threads", "16")]
    [InlineData("bundle-copier.reader.mode = fast", "reader.mode", "slab")]
    [InlineData("bundle-copier.budget = 1KiB", "budget", "2MiB")]
    [InlineData("bundle-copier.checksum = maybe", "checksum")]
    [InlineData("bundle-copier { budget = 32MiB", "")]
    public void A_setting_that_is_not_valid_is_refused_with_its_file_and_key(string hocon, params string[] words)
    {
        string path = place.Config(hocon);
        Ended.Refused(2, place, CopyOne("--config", path), [path, .. words]);
    }

    [KernelFact]
    public void A_missing_settings_file_is_named()
    {
        string path = Path.Combine(place.Disk, "nowhere.hocon");
        Ended.Refused(2, place, CopyOne("--config", path), path, "--config");
    }

    [KernelTheory]
    [InlineData("--progress", "sometimes", "auto, always, never")]
    [InlineData("--log-level", "loud", "off, error, warning, info, debug")]
    public void An_option_with_a_choice_names_the_values_that_it_can_have(string option, string value, string mend) =>
        Ended.Refused(2, place, CopyOne(option, value), option, value, mend);

    [KernelFact]
    public void An_option_beats_the_settings_and_the_settings_beat_the_default()
    {
        string config = place.Config("bundle-copier.budget = 4MiB");
        ReceiptView receipt = Ended.Committed(0, place, CopyOne("--config", config, "--budget", "8MiB"));
        Assert.Equal(8 << 20, receipt.Resources.GetProperty("budgetBytes").GetInt64());

        Directory.Delete(place.BundlePath, recursive: true);
        receipt = Ended.Committed(0, place, CopyOne("--config", config));
        Assert.Equal(4 << 20, receipt.Resources.GetProperty("budgetBytes").GetInt64());
    }

    private CliResult CopyOne(params string[] options)
    {
        if (!File.Exists(place.Source("a")))
            SourceFile.Dense(place.Source("a"), 4096);
        return place.Copy(options);
    }
}
