using System.Net.Sockets;
using System.Text;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>Entries for the journal, at a socket that is like its own.</summary>
public sealed class SystemJournalTests : IDisposable
{
    private readonly Workspace place = new();
    private readonly Socket journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    private string SocketPath => Path.Combine(place.Disk, "journal");

    public void Dispose()
    {
        journal.Dispose();
        place.Dispose();
    }

    [Fact]
    public void An_entry_is_one_datagram()
    {
        Listen();
        Assert.True(SystemJournal.Send("MESSAGE=hello\n"u8, SocketPath).IsOk);
        byte[] buffer = new byte[100];
        Assert.Equal("MESSAGE=hello\n"u8, buffer.AsSpan(0, journal.Receive(buffer)));
    }

    [Fact]
    public void An_entry_that_is_too_large_is_a_sealed_file_in_memory()
    {
        Listen();
        byte[] entry = Encoding.ASCII.GetBytes("MESSAGE=" + new string('x', 1 << 20) + "\n");
        Assert.True(SystemJournal.Send(entry, SocketPath).IsOk);
        using FileHandle socket = new((int)journal.SafeHandle.DangerousGetHandle());
        IoResult received = UnixSocket.Receive(socket, new byte[1], out FileHandle? given);
        _ = socket.TakeOver();
        Assert.Equal(0, received.Value);
        string path = $"/proc/self/fd/{given!.TakeOver()}";
        Assert.Equal(entry, File.ReadAllBytes(path));
        Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllBytes(path, [1, 2]));
    }

    [Fact]
    public void Without_a_journal_nothing_waits()
    {
        Assert.Equal("ENOENT", SystemJournal.Send("MESSAGE=x\n"u8, SocketPath).Error.Name);
        File.WriteAllText(SocketPath, "");
        Assert.Equal("ECONNREFUSED", SystemJournal.Send("MESSAGE=x\n"u8, SocketPath).Error.Name);
    }

    [Fact]
    public void A_journal_that_hangs_costs_the_entry_and_not_the_caller()
    {
        Listen();
        IoResult sent = IoResult.Done;
        for (int i = 0; i < 10_000 && sent.IsOk; i++)
            sent = SystemJournal.Send("MESSAGE=x\n"u8, SocketPath);
        Assert.Equal("EAGAIN", sent.Error.Name);
    }

    private void Listen() => journal.Bind(new UnixDomainSocketEndPoint(SocketPath));
}
