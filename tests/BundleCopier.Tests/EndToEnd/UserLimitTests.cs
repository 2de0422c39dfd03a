using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A user without rights whose processes crash: he keeps the server from no crash of another user.</summary>
[Collection(nameof(CorePattern))]
public sealed class UserLimitTests : IDisposable
{
    private readonly Workspace place = new();
    private readonly string program;

    public UserLimitTests()
    {
        program = Path.Combine(place.Disk, "crasher");
        File.Copy(FuseServer.Compile("crasher"), program);
        File.SetUnixFileMode(
            place.Disk, File.GetUnixFileMode(place.Disk) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.CoreSocket | Needs.Nobody)]
    public void A_user_with_many_programs_has_few_crashes_and_another_user_is_served()
    {
        using RunningServer server = new RunningServer(place, "serve.per-user.max-crashes = 2").Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        for (int i = 0; i < 4; i++)
        {
            string copy = $"{program}{i}";
            File.Copy(program, copy);
            CrashAsNobody(copy, "1");
        }

        int own = Crash(program, "1");
        server.AwaitWords($"crasher[{own}]: complete");
        Assert.Equal(3, place.LeftInDestination.Count(static n => n[0] != '.'));
        Assert.Equal(2, server.Status().GetProperty("refusedFor").GetProperty("userLimit").GetInt32());
    }

    [KernelFact(Needs.CoreSocket | Needs.Nobody)]
    public void A_user_whose_cores_take_long_loses_the_rest_and_another_user_is_served()
    {
        using RunningServer server = new RunningServer(
            place, "serve.per-user.max-time = 1s, writer.max-rate = 8MiB, budget = 2MiB").Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        int first = CrashAsNobody(program, "64");
        server.AwaitWords($"crasher[{first}]: partial");
        int second = CrashAsNobody(program, "1");
        server.AwaitWords($"crasher[{second}]: refused: the crashes of user 65534 have taken 1s of the server");
        int own = Crash(program, "1");
        server.AwaitWords($"crasher[{own}]: complete");
    }

    private static int CrashAsNobody(string program, string mebibytes) =>
        Crash(Cli.AsNobody[0], [.. Cli.AsNobody[1..], program, mebibytes]);

    private static int Crash(string program, params string[] args)
    {
        using Process crash = Process.Start(program, args);
        Child.AwaitEnd(crash);
        return crash.Id;
    }
}
