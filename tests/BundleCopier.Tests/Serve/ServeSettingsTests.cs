using Akka.Configuration;
using BundleCopier.Cli.Serve;
using BundleCopier.Input;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Serve;

public sealed class ServeSettingsTests
{
    [Fact]
    public void The_defaults_in_code_are_the_defaults_in_the_file() =>
        Assert.Equal(new ServeSettings(), ServeSettingsReader.Read(ConfigurationFactory.Empty, "none").Value);

    [Fact]
    public void Every_key_is_read() => Assert.Equal(
        new ServeSettings
        {
            Destination = "/d",
            Spool = "/s",
            ControlSocket = "/c",
            CoreSocket = null,
            StateDirectory = "/t",
            LoopCrashes = 9,
            LoopWindow = TimeSpan.FromHours(1),
            UserCrashes = 8,
            UserTime = null,
            UserWindow = TimeSpan.FromMinutes(3),
            Deadline = null,
            MaxQueue = 7,
            StopTimeout = TimeSpan.FromSeconds(2),
            OomScoreAdj = -1000,
        },
        Read("""
            destination = /d, spool = /s, control-socket = /c, deadline = off, max-queue = 7, stop-timeout = 2s
            oom-score-adj = -1000, core-socket = off, state-directory = /t, crash-loop { max-crashes = 9, window = 1h }
            per-user { max-crashes = 8, max-time = off, window = 3m }
            """).Value);

    [Theory]
    [InlineData("destination = var", "bundle-copier.serve.destination", "absolute path")]
    [InlineData("spool = none", "bundle-copier.serve.spool", "absolute path")]
    [InlineData("deadline = 0s", "bundle-copier.serve.deadline", "off, or a time")]
    [InlineData("max-queue = 0", "bundle-copier.serve.max-queue", "1 to 1024")]
    [InlineData("core-socket = none", "bundle-copier.serve.core-socket", "off, or an absolute path")]
    [InlineData("crash-loop.max-crashes = 0", "bundle-copier.serve.crash-loop.max-crashes", "1 to 1000")]
    [InlineData("crash-loop.window = soon", "bundle-copier.serve.crash-loop.window", "1s to 24h")]
    [InlineData("per-user.max-crashes = 0", "bundle-copier.serve.per-user.max-crashes", "1 to 1000")]
    [InlineData("per-user.max-time = none", "bundle-copier.serve.per-user.max-time", "off, or a time")]
    [InlineData("per-user.window = 1ms", "bundle-copier.serve.per-user.window", "1s to 24h")]
    [InlineData("stop-timeout = 25h", "bundle-copier.serve.stop-timeout", "1s to 24h")]
    [InlineData("oom-score-adj = 1001", "bundle-copier.serve.oom-score-adj", "-1000 to 1000")]
    public void A_bad_value_names_the_key_and_the_limits(string text, string key, string limits)
    {
        InputError error = Read(text).Error!;
        Assert.Equal(key, error.Field);
        Assert.Contains(limits, error.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_without_a_destination_does_not_start()
    {
        InputError error = ServeConfig.Read(path: null).Error!;
        Assert.Equal("bundle-copier.serve.destination", error.Field);
    }

    private static Parsed<ServeSettings> Read(string serve) => ServeSettingsReader.Read(
        ConfigurationFactory.ParseString($"bundle-copier.serve {{ {serve} }}"), "c");
}
