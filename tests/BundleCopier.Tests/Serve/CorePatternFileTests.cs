using BundleCopier.Cli.Serve;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Serve;

public sealed class CorePatternFileTests : IDisposable
{
    private const string Ours = "@@/run/bundlecopy/core.sock";

    private static readonly Version New = new(6, 17, 3);
    private static readonly Version Old = new(6, 1, 0);

    private readonly string directory = Directory.CreateTempSubdirectory("bundlecopy-test-").FullName;
    private readonly CorePatternFile file;

    public CorePatternFileTests()
    {
        file = new CorePatternFile(Pattern, Saved);
        Set("|/lib/systemd/systemd-coredump %P");
    }

    private string Pattern => Path.Combine(directory, "core_pattern");

    private string Saved => Path.Combine(directory, "state", "core_pattern");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Uninstall_puts_back_what_was_there_however_often_it_was_installed()
    {
        Assert.True(file.Install(Ours).Try(out string? old, out _));
        Assert.Equal("|/lib/systemd/systemd-coredump %P", old);
        Assert.True(file.Install(Ours).Try(out old, out _));
        Assert.Equal(Ours, old);
        Assert.Equal(Ours, Now);
        Assert.True(file.Uninstall(Ours).Try(out string? now, out _));
        Assert.Equal("|/lib/systemd/systemd-coredump %P", now);
        Assert.Equal(now, Now);
        Assert.False(File.Exists(Saved));
        Assert.True(file.Uninstall(Ours).Try(out now, out _));
        Assert.Equal(Now, now);
    }

    [Fact]
    public void What_another_program_has_set_since_stays()
    {
        Assert.True(file.Install(Ours).Try(out _, out _));
        Set("/var/cores/%e");
        Assert.True(file.Uninstall(Ours).Try(out string? now, out _));
        Assert.Equal("/var/cores/%e", now);
        Assert.Equal(now, Now);
    }

    [Fact]
    public void Nothing_changes_where_the_old_value_cannot_be_kept()
    {
        File.WriteAllText(Path.Combine(directory, "state"), "no directory");
        Assert.False(file.Install(Ours).Try(out _, out string? problem));
        Assert.Contains("stays as it is", problem, StringComparison.Ordinal);
        Assert.Equal("|/lib/systemd/systemd-coredump %P", Now);
    }

    [Fact]
    public void Without_the_old_value_the_kernels_default_is_set()
    {
        Set(Ours);
        Assert.True(file.Uninstall(Ours).Try(out string? now, out _));
        Assert.Equal("core", now);
    }

    [Fact]
    public void A_kernel_without_the_socket_gets_the_pipe()
    {
        ServeSettings settings = new() { Destination = "/var/crash" };
        const string pipe = "|/b core --config /c %P %u %g %s %t %h %e";
        Assert.Equal(Ours, InstallCommand.PatternOf(settings, "/c", New, "/b").Value);
        Assert.Equal(pipe, InstallCommand.PatternOf(settings, "/c", Old, "/b").Value);
        Assert.Equal(pipe, InstallCommand.PatternOf(settings with { CoreSocket = null }, "/c", New, "/b").Value);
        Assert.Contains(
            "127", InstallCommand.PatternOf(settings, "/c", Old, "/" + new string('b', 90)).Error!.Problem,
            StringComparison.Ordinal);
        Assert.False(InstallCommand.PatternOf(settings with { CoreSocket = "/a b" }, "/c", New, "/b").IsOk);
        Assert.False(InstallCommand.PatternOf(settings with { Destination = null }, "/c", Old, "/b").IsOk);
    }

    private string Now => File.ReadAllText(Pattern).TrimEnd('\n');

    private void Set(string pattern) => File.WriteAllText(Pattern, pattern + "\n");
}
