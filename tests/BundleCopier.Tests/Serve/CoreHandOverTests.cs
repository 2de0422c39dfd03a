using System.Text;
using BundleCopier.Cli;
using BundleCopier.Cli.Serve;
using BundleCopier.Native;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.Serve;

/// <summary>How the program of the kernel's pipe gives a core to the server.</summary>
public sealed class CoreHandOverTests : IDisposable
{
    private static readonly CoreArguments Crash = new(4711, 65534, 1000, 11, 1795378445, "node17", "my\tengine");

    private readonly string path = Path.Combine(Path.GetTempPath(), $"handover-{Guid.NewGuid():N}");
    private readonly SafeFileHandle core = File.OpenHandle("/dev/zero");

    public void Dispose()
    {
        core.Dispose();
        File.Delete(path);
    }

    [Fact]
    public void The_message_has_what_the_kernel_says()
    {
        Assert.Equal(Crash, CoreHandOver.Read(CoreHandOver.MessageOf(Crash)));
        CoreArguments bare = Crash with { Host = "", Command = "" };
        Assert.Equal(bare, CoreHandOver.Read(CoreHandOver.MessageOf(bare)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("status")]
    [InlineData("core\0x\0" + "0\0" + "0\0" + "11\0" + "1\0h\0c")]
    [InlineData("core\0" + "1\0-2\0" + "0\0" + "11\0" + "1\0h\0c")]
    [InlineData("core\0" + "1\0" + "0\0" + "0\0" + "11\0" + "1\0h")]
    public void Another_message_is_no_offer(string message) =>
        Assert.Null(CoreHandOver.Read(Encoding.UTF8.GetBytes(message)));

    [Fact]
    public void The_server_has_the_core_when_it_says_so()
    {
        byte[] read = [1, 1];
        CoreHandOver.Result offered = OfferTo(connection =>
        {
            Span<byte> message = stackalloc byte[ControlSocket.MaxQuestionBytes];
            IoResult received = UnixSocket.Receive(connection, message, out FileHandle? given);
            Assert.Equal(Crash, CoreHandOver.Read(message[..(int)received.Value]));
            using SafeFileHandle taken = new(given!.TakeOver(), ownsHandle: true);
            Assert.Equal(2, RandomAccess.Read(taken, read, 0));
            Assert.True(CoreHandOver.Answer(connection, whyNot: null).IsOk);
        });
        Assert.True(offered.IsTaken);
        Assert.Equal([0, 0], read);
    }

    [Fact]
    public void A_server_that_refuses_says_why()
    {
        CoreHandOver.Result offered = OfferTo(static connection =>
        {
            // A socket that is closed with unread bytes gives the other end ECONNRESET instead of the answer.
            Span<byte> message = stackalloc byte[ControlSocket.MaxQuestionBytes];
            _ = UnixSocket.Receive(connection, message, out FileHandle? given);
            given?.Dispose();
            Assert.True(CoreHandOver.Answer(connection, "too many").IsOk);
        });
        Assert.Equal(new CoreHandOver.Result(false, "too many"), offered);
    }

    [Fact]
    public void A_core_that_no_server_takes_stays_with_its_owner()
    {
        Assert.True(CoreHandOver.Offer(path, Crash, core).HasNoServer);
        Assert.True(OfferTo(static _ => { }).HasNoServer);
    }

    [Fact]
    public void A_server_that_answers_too_late_does_not_get_the_core()
    {
        using FileHandle listener = UnixSocket.Listen(path, LibcServer.SOCK_SEQPACKET).Value!;
        Assert.True(CoreHandOver.Offer(path, Crash, core, patienceMs: 1).HasNoServer);
        using FileHandle connection = UnixSocket.Accept(listener).Value!;
        Assert.False(CoreHandOver.Answer(connection, whyNot: null).IsOk);
    }

    private CoreHandOver.Result OfferTo(Action<FileHandle> serve)
    {
        using FileHandle listener = UnixSocket.Listen(path, LibcServer.SOCK_SEQPACKET).Value!;
        Exception? failure = null;
        Thread server = new(() =>
        {
            using FileHandle connection = UnixSocket.Accept(listener).Value!;
            failure = Record.Exception(() => serve(connection));
        });
        server.Start();
        CoreHandOver.Result offered = CoreHandOver.Offer(path, Crash, core);
        server.Join();
        Assert.Null(failure);
        return offered;
    }
}
