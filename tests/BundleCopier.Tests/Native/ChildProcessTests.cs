using System.Diagnostics;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class ChildProcessTests
{
    [Fact]
    public void The_engine_waits_for_its_own_child_and_not_for_the_hosts_children()
    {
        using Process other = Process.Start("sh", ["-c", "exit 7"]);
        for (int i = 0; i < 20; i++)
            Assert.True(LinuxKernel.Instance.SpawnAndReap().IsOk);
        Child.AwaitEnd(other);
        Assert.Equal(7, other.ExitCode);
        Assert.DoesNotContain("true", Children());
    }

    private static IEnumerable<string> Children() => Directory.GetDirectories("/proc/self/task")
        .SelectMany(task => TextOf($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(pid => TextOf($"/proc/{pid}/comm").Trim());

    private static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // a thread, or another test's child, that has ended meanwhile
        }
    }
}
