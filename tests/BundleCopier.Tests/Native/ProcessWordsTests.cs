using System.Diagnostics;
using System.Text;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>What procfs says of a process in words.</summary>
public sealed class ProcessWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/bin/engine\0--port\080\0", "/bin/engine --port 80")]
    [InlineData("a\0b c\0\0it's\0$x\0", @"a 'b c' '' 'it'\''s' '$x'")]
    [InlineData("title\0\0\0\0", "title")]
    public void A_command_line_is_what_a_shell_would_read(string arguments, string expected) =>
        Assert.Equal(expected, ProcessWords.CommandLineOf(Encoding.UTF8.GetBytes(arguments)));

    [Theory]
    [InlineData("0::/system.slice/a.service", "/system.slice/a.service")]
    [InlineData("12:pids:/x\n1:name=systemd:/system.slice/a:b.service\n0::/", "/system.slice/a:b.service")]
    [InlineData("12:pids:/x", "")]
    public void The_group_is_that_of_systemds_hierarchy(string lines, string expected) =>
        Assert.Equal(expected, ProcessWords.GroupOf(lines.Split('\n')));

    [Fact]
    public void A_process_has_words_and_one_that_is_gone_has_none()
    {
        using Process process = Process.Start("sleep", ["987"]);
        Assert.Equal("sleep 987", ProcessWords.Of(process.Id).CommandLine);
        process.Kill();
        process.WaitForExit();
        Assert.Equal(new ProcessWords("", ""), ProcessWords.Of(process.Id));
    }
}
