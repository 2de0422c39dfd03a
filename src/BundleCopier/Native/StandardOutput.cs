using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>What became of bytes that were written to standard output.</summary>
internal enum OutputAnswer
{
    /// <summary>All of them were taken.</summary>
    Written,

    /// <summary>Whoever read them has gone (EPIPE).</summary>
    Closed,

    /// <summary>They could not be written; <see cref="StandardOutput.Failure"/> says why.</summary>
    Failed,
}

/// <summary>
/// The process's standard output as bytes. The runtime's own stream says nothing when the reader of a pipe has gone, and
/// would go on for ever; a stream of its own on descriptor 1 would not move the offset that other programs share.
/// </summary>
internal sealed class StandardOutput
{
    private const int Descriptor = 1;

    /// <summary>The kernel's name for what went wrong; null while nothing has.</summary>
    public string? Failure { get; private set; }

    /// <summary>Writes all bytes, as often as it takes.</summary>
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

    // A pipe that another program made non-blocking; poll(2) sleeps until there is room.
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
