using System.Diagnostics;
using System.Globalization;
using System.Text;
using static BundleCopier.Native.LibcServer;

namespace BundleCopier.Native;

/// <summary>
/// The service manager that has started this process, by its environment: messages about the state (sd_notify(3)), the
/// watchdog (sd_watchdog_enabled(3)), and sockets that it has opened (sd_listen_fds(3)). Without one, nothing happens.
/// </summary>
internal sealed unsafe class ServiceManager : IDisposable
{
    private const int FirstPassed = 3; // SD_LISTEN_FDS_START

    private readonly FileHandle? socket;

    private ServiceManager(FileHandle? socket, TimeSpan? watchdog)
    {
        this.socket = socket;
        Watchdog = watchdog;
    }

    /// <summary>How often the manager wants a sign of life, at least; null for never.</summary>
    public TimeSpan? Watchdog { get; }

    public static ServiceManager Find()
    {
        string? address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        FileHandle? socket = string.IsNullOrEmpty(address)
            ? null
            : UnixSocket.Connect(address, SOCK_DGRAM).Value;
        bool isForThis = Number("WATCHDOG_PID") is not { } pid || pid == 0 || pid == Environment.ProcessId;
        TimeSpan? watchdog = isForThis && Number("WATCHDOG_USEC") is > 0 and long us
            ? TimeSpan.FromMicroseconds(us)
            : null;
        return new ServiceManager(socket, watchdog);
    }

    /// <summary>The server is ready.</summary>
    public void TellReady(string status) => Tell($"READY=1\nSTATUS={status}");

    /// <summary>The server reads its settings again; <see cref="TellReady"/> says when it has.</summary>
    public void TellReloading()
    {
        long nowUs = (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
        Tell(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={nowUs}"));
    }

    /// <summary>The server ends.</summary>
    public void TellStopping() => Tell("STOPPING=1");

    /// <summary>The server lives.</summary>
    public void TellAlive() => Tell("WATCHDOG=1");

    /// <summary>A line for people, in the manager's own status.</summary>
    public void TellStatus(string status) => Tell($"STATUS={status}");

    /// <summary>The sockets that the manager has opened; each belongs to the caller.</summary>
    public static IReadOnlyList<FileHandle> TakeSockets()
    {
        if (Number("LISTEN_PID") != Environment.ProcessId || Number("LISTEN_FDS") is not (> 0 and <= 16 and long count))
            return [];
        List<FileHandle> taken = [];
        for (int fd = FirstPassed; fd < FirstPassed + count; fd++)
        {
            _ = fcntl(fd, F_SETFD, FD_CLOEXEC);
            taken.Add(new FileHandle(fd));
        }

        return taken;
    }

    public void Dispose() => socket?.Dispose();

    // A manager that does not listen any more is no trouble of the server.
    private void Tell(string message)
    {
        if (socket is not null)
            _ = UnixSocket.Send(socket, Encoding.UTF8.GetBytes(message));
    }

    private static long? Number(string variable) => long.TryParse(
        Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        ? number
        : null;
}
