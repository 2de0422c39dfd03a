using BundleCopier.Native;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// The protocol of the control socket (SOCK_SEQPACKET): one message asks, and one message answers. Only root and the
/// server's own user are answered. <see cref="CoreHandOver"/> has the other question.
/// </summary>
internal static class ControlSocket
{
    /// <summary>How long each end waits for the other.</summary>
    public const int PatienceMs = 5000;

    /// <summary>No question is longer.</summary>
    public const int MaxQuestionBytes = 4096;

    // Larger than every answer.
    private const int AnswerBytes = 256 * 1024;

    /// <summary>Asks for the state, in JSON (<see cref="StatusJson"/>).</summary>
    public static ReadOnlySpan<byte> Status => "status"u8;

    /// <summary>Asks a server, and gives its answer; empty where it refuses to answer.</summary>
    public static IoResult<byte[]> Ask(string path, ReadOnlySpan<byte> question)
    {
        if (!UnixSocket.Connect(path, LibcServer.SOCK_SEQPACKET).Try(out FileHandle? connection, out Errno error))
            return IoResult<byte[]>.Failed(error);
        using (connection)
        {
            UnixSocket.LimitWaits(connection, PatienceMs);
            IoResult sent = UnixSocket.Send(connection, question);
            if (!sent.IsOk)
                return IoResult<byte[]>.Failed(sent.Error);
            byte[] answer = new byte[AnswerBytes];
            IoResult received = UnixSocket.Receive(connection, answer);
            return received.IsOk
                ? IoResult<byte[]>.Ok(answer[..(int)received.Value])
                : IoResult<byte[]>.Failed(received.Error);
        }
    }
}
