using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The result of writing to standard output.</summary>
internal enum OutputAnswer
{
    /// <summary>All bytes were written.</summary>
    Written,

    /// <summary>The program that read the pipe has closed it (EPIPE).</summary>
    Closed,

    /// <summary>Writing failed; <see cref="StandardOutput.Failure"/> has the error.</summary>
    Failed,
}

/// <summary>
/// The process's standard output as bytes. The runtime's own stream ignores EPIPE, so the program would never stop
/// writing to a closed pipe. A FileStream on descriptor 1 would keep an offset of its own, and not move the one that
/// descriptor 1 shares with other programs.
/// </summary>
internal sealed class StandardOutput
{
    private const int Descriptor = 1;

    /// <summary>The errno's name of the last failure; null when there was none.</summary>
    public string? Failure { get; private set; }

    /// <summary>Writes all bytes, with as many calls as necessary.</summary>
    /// <param name="bytes">The bytes.</param>
    public unsafe OutputAnswer Write(ReadOnlySpan<byte> bytes)
    {
        if (!StandardStreams.HasOutput)
            return Fail(EBADF);
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                long count = write(Descriptor, start + done, bytes.Length - done);
                int error = errno;
                if (count >= 0)
                    done += (int)count;
                else if (error == EPIPE)
                    return OutputAnswer.Closed;
                else if (error == EAGAIN)
                    Wait();
                else if (error != EINTR)
                    return Fail(error);
            }
        }

        return OutputAnswer.Written;
    }

    // Another program made the pipe non-blocking; poll(2) waits until the pipe has room.
    private static unsafe void Wait()
    {
        Tmds.Linux.pollfd wanted = new() { fd = Descriptor, events = POLLOUT };
        _ = poll(&wanted, 1, -1);
    }

    private OutputAnswer Fail(int error)
    {
        Failure = new Errno(error).Name;
        return OutputAnswer.Failed;
    }
}
