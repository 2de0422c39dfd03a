using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>What a confined thread can do. Each test confines a thread of its own, which then ends.</summary>
public sealed class ConfinementTests : IDisposable
{
    private const int PermissionDenied = 13; // EACCES

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [LandlockFact]
    public void A_confined_thread_writes_below_its_directory_and_nowhere_else()
    {
        string inside = Path.Combine(place.Destination, "a");
        string source = place.Source("source");
        File.WriteAllText(source, "source");
        OnConfinedThread(mayExecute: false, () =>
        {
            File.WriteAllText(inside, "written");
            File.Move(inside, inside + "2");
            Assert.Equal("source", File.ReadAllText(source));
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(source, "changed"));
            Assert.Throws<UnauthorizedAccessException>(() => File.Delete(source));
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(place.Source("new"), ""));
            Assert.Throws<UnauthorizedAccessException>(() => File.CreateSymbolicLink(inside, source));
            // A file of the destination does not get out either.
            Assert.ThrowsAny<Exception>(() => File.Move(inside + "2", Path.Combine(place.Disk, "out2")));
        });
        Assert.Equal("source", File.ReadAllText(source));
        Assert.Equal(["a2"], place.LeftInDestination);
    }

    [LandlockFact]
    public void No_way_around_leads_a_confined_thread_out_of_its_directory()
    {
        string source = place.Source("source");
        string link = Path.Combine(place.Destination, "link");
        File.WriteAllText(source, "source");
        File.CreateSymbolicLink(link, source);
        using FileStream open = File.OpenRead(source);
        OnConfinedThread(mayExecute: false, () =>
        {
            Refused(() => File.WriteAllText(link, "changed"));
            Refused(() => File.WriteAllText("/proc/self/root" + source, "changed"));
            Refused(() => File.WriteAllText($"/proc/self/fd/{open.SafeFileHandle.DangerousGetHandle()}", "changed"));
            Refused(() => File.Open(source, FileMode.Truncate).Dispose());
            Refused(() => Directory.CreateDirectory(Path.Combine(place.Disk, "new")));
            Refused(() => Kernel.MakeHardLink(source, Path.Combine(place.Destination, "hard")));
            Refused(() => Kernel.MakeFifo(Path.Combine(place.Destination, "fifo")));
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            Refused(() => socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(place.Destination, "socket"))));
        });
        Assert.Equal("source", File.ReadAllText(source));
        Assert.Equal(["link"], place.LeftInDestination);

        static void Refused(Action action) => Assert.NotNull(Record.Exception(action));
    }

    [LandlockFact]
    public void A_confined_thread_reads_below_its_sources_and_its_destination_and_nowhere_else()
    {
        string source = place.Source("engine.heap");
        string secret = Path.Combine(place.Disk, "secret");
        foreach (string path in new[] { source, secret, Path.Combine(place.Destination, "old") })
            File.WriteAllText(path, "text");
        string link = Path.Combine(place.Destination, "link");
        File.CreateSymbolicLink(link, secret);
        OnConfinedThread([new ReadablePath(source + "*", IsPattern: true), new ReadablePath("/gone/file")], () =>
        {
            Assert.Equal("text", File.ReadAllText(source));
            Assert.Equal("text", File.ReadAllText(Path.Combine(place.Destination, "old")));
            Assert.NotEmpty(File.ReadAllText("/proc/self/status"));
            Assert.True(LinuxKernel.Instance.ListNames(Path.GetDirectoryName(source)!, static _ => true).IsOk);
            foreach (string way in new[] { secret, link, "/proc/self/root" + secret })
                Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllText(way));
            Assert.Throws<UnauthorizedAccessException>(() => Directory.GetFiles("/etc"));
        });
    }

    [LandlockTheory]
    [InlineData("link", false)]
    [InlineData("*", true)]
    public void Where_a_source_is_a_link_that_is_followed_reading_is_not_limited(string name, bool isPattern)
    {
        string secret = Path.Combine(place.Disk, "secret");
        File.WriteAllText(secret, "text");
        // Links below /var/tmp are not followed.
        DirectoryInfo directory =
            Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"links-{isPattern}"));
        try
        {
            File.CreateSymbolicLink(Path.Combine(directory.FullName, "link"), secret);
            OnConfinedThread(
                [new ReadablePath(Path.Combine(directory.FullName, name), isPattern)],
                () => Assert.Equal("text", File.ReadAllText(secret)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [LandlockFact(version: 7)]
    public void A_confined_thread_sends_no_signal_to_another_process()
    {
        using Process other = Process.Start("sleep", "100");
        try
        {
            (bool, bool) result = default;
            OnConfinedThread(mayExecute: false, () => result = (
                Kernel.MaySignal(other.Id), Kernel.MaySignal(Environment.ProcessId)));
            Assert.Equal((false, true), result);
        }
        finally
        {
            other.Kill();
        }
    }

    [LandlockFact]
    public void A_confined_thread_executes_no_program_unless_it_must()
    {
        int refused = 0;
        IoResult allowed = IoResult.Failed(1);
        OnConfinedThread(mayExecute: false, () => refused = LinuxKernel.Instance.SpawnAndReap().Error.Code);
        OnConfinedThread(mayExecute: true, () => allowed = LinuxKernel.Instance.SpawnAndReap());
        Assert.Equal((PermissionDenied, true), (refused, allowed.IsOk));
    }

    [LandlockFact(version: 4)]
    public void A_confined_thread_makes_no_TCP_connection()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        SocketException? refused = null;
        OnConfinedThread(mayExecute: false, () =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            refused = Assert.Throws<SocketException>(() => socket.Connect(listener.LocalEndpoint));
        });
        Assert.Equal(SocketError.AccessDenied, refused!.SocketErrorCode);
    }

    [KernelFact]
    public void A_confined_thread_and_those_that_it_starts_have_no_other_capabilities_and_gain_none()
    {
        string[] found = [];
        OnConfinedThread(mayExecute: false, () =>
        {
            Thread child = new(() => found = File.ReadAllLines("/proc/thread-self/status"));
            child.Start();
            child.Join();
        });
        Assert.Contains("NoNewPrivs:\t1", found);
        Assert.Contains("CapInh:\t0000000000000000", found);
        foreach (string set in new[] { "CapPrm", "CapEff", "CapBnd", "CapAmb" })
        {
            string line = found.Single(l => l.StartsWith(set + ":", StringComparison.Ordinal));
            ulong held = Convert.ToUInt64(line.Split('\t')[1], 16);
            // Only CAP_SETPCAP can take from the bounding set.
            bool mayStay = set == "CapBnd" && !Environment.IsPrivilegedProcess;
            Assert.True((held & ~Capabilities.DacReadSearch) == 0 || mayStay, line);
        }
    }

    [Fact]
    public void Code_reaches_the_thread_of_the_finalizers()
    {
        int there = 0;
        FinalizerThread.Run(() => there = Environment.CurrentManagedThreadId);
        Assert.NotEqual(0, there);
        Assert.NotEqual(Environment.CurrentManagedThreadId, there);
    }

    private void OnConfinedThread(bool mayExecute, Action action) =>
        OnConfinedThread(readable: null, action, mayExecute);

    private void OnConfinedThread(IReadOnlyList<ReadablePath>? readable, Action action, bool mayExecute = false)
    {
        Exception? failed = null;
        Thread confined = new(() =>
        {
            try
            {
                Confine(mayExecute, readable);
                action();
            }
#pragma warning disable CA1031 // Thrown again below.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failed = e;
            }
        });
        confined.Start();
        confined.Join();
        Assert.Null(failed);
    }

    private void Confine(bool mayExecute, IReadOnlyList<ReadablePath>? readable = null)
    {
        ConfinementPlan plan = new(
            Capabilities.DacReadSearch, place.Destination, MayBeMade: false, mayExecute, ReadsProcesses: false,
            readable);
        using Landlock? rules = Landlock.IsSupported ? Confinement.MakeRules(plan, out _) : null;
        Assert.Null(Confinement.OnThisThread(plan, rules));
    }
}

/// <summary>A fact that needs a version of landlock(7). It is skipped, with the reason, where the kernel has less.
/// </summary>
internal sealed class LandlockFactAttribute : FactAttribute
{
    public LandlockFactAttribute(int version = 3)
    {
        if (Landlock.Version < version)
            Skip = $"The kernel's landlock(7) has version {Landlock.Version}, not {version}: THIS IS NOT TESTED";
    }
}

/// <summary>As <see cref="LandlockFactAttribute"/>, for theories.</summary>
internal sealed class LandlockTheoryAttribute : TheoryAttribute
{
    public LandlockTheoryAttribute() => Skip = new LandlockFactAttribute().Skip;
}
