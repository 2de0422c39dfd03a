using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class SourceLeaseTests : IDisposable
{
    // signal(7)
    private const PosixSignal Sigurg = (PosixSignal)23;
    private const PosixSignal Sigio = (PosixSignal)29;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_lease_that_a_writer_breaks_sends_a_signal_that_ends_no_process(int nthLease)
    {
        using ISourceFile source = Open();
        // The handlers are registered after the file was opened. SIGIO of that file would end this process.
        using BlockingCollection<PosixSignal> received = [];
        using PosixSignalRegistration good =
            PosixSignalRegistration.Create(Sigurg, context => Receive(context, received));
        using PosixSignalRegistration bad =
            PosixSignalRegistration.Create(Sigio, context => Receive(context, received));
        for (int lease = 1; lease < nthLease; lease++)
            Assert.True(source.IsQuiet());
        Assert.True(source.IsQuietUntilClosed());

        // The kernel sends no signal after the thread that took the lease has ended (send_sigio in fs/fcntl.c), so
        // this thread stays.
        SafeFileHandle? opened = null;
        Thread writer = new(() => opened = File.OpenHandle(place.Source("heap"), FileMode.Open, FileAccess.Write));
        writer.Start();
        Assert.Equal(Sigurg, received.Take());
        Assert.Null(opened);
        source.Dispose();
        writer.Join();
        opened!.Dispose();
    }

    [Fact]
    public void A_file_that_is_open_for_writing_is_not_quiet()
    {
        using ISourceFile source = Open();
        Assert.True(source.IsQuiet());
        using (File.OpenHandle(place.Source("heap"), FileMode.Open, FileAccess.Write))
        {
            Assert.False(source.IsQuiet());
            Assert.False(source.IsQuietUntilClosed());
        }

        Assert.True(source.IsQuietUntilClosed());
    }

    [Fact]
    public void A_process_that_handles_SIGIO_needs_no_other_signal()
    {
        using (PosixSignalRegistration.Create(Sigio, static context => context.Cancel = true))
            Assert.False(LeaseSignal.MustBeSet);
    }

    private ISourceFile Open()
    {
        File.WriteAllBytes(place.Source("heap"), new byte[4096]);
        Assert.True(LinuxKernel.Instance.OpenSource(place.Source("heap")).Try(out ISourceFile? source, out _));
        return source;
    }

    private static void Receive(PosixSignalContext context, BlockingCollection<PosixSignal> received)
    {
        context.Cancel = true;
        received.Add(context.Signal);
    }
}
