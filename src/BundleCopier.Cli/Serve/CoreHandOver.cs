using System.Globalization;
using System.Text;
using BundleCopier.Native;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// How <c>bundlecopy core</c> gives the kernel's pipe to the server: a message on the control socket with what the
/// kernel says of the crash, and with the descriptor (SCM_RIGHTS in unix(7)). The answer is <c>taken</c>, or why not.
/// A core has one reader: the server takes it only if its answer was delivered.
/// </summary>
internal static class CoreHandOver
{
    private const string Kind = "core";
    private const string Taken = "taken";
    private const int FieldCount = 8;

    /// <summary>How an offer ended.</summary>
    /// <param name="IsTaken">The server has the core.</param>
    /// <param name="WhyNot">Why the server refuses the crash; null where it has it, or where no server answers.</param>
    public readonly record struct Result(bool IsTaken, string? WhyNot)
    {
        /// <summary>The core is still the caller's.</summary>
        public bool HasNoServer => !IsTaken && WhyNot is null;
    }

    /// <summary>Offers a core to the server at a socket, and waits for its answer.</summary>
    /// <param name="path">The control socket.</param>
    /// <param name="crash">What the kernel says.</param>
    /// <param name="core">The core.</param>
    /// <param name="patienceMs">How long to wait.</param>
    public static Result Offer(
        string path, CoreArguments crash, SafeFileHandle core, int patienceMs = ControlSocket.PatienceMs)
    {
        byte[] question = MessageOf(crash);
        if (question.Length > ControlSocket.MaxQuestionBytes
            || !UnixSocket.Connect(path, LibcServer.SOCK_SEQPACKET).Try(out FileHandle? connection, out _))
        {
            return default;
        }

        using (connection)
        {
            // A core has secrets: no other user's server gets it.
            if (!UnixSocket.PeerOf(connection).Try(out SocketPeer peer, out _)
                || (peer.UserId != 0 && peer.UserId != LinuxKernel.Instance.UserId))
            {
                return default;
            }

            UnixSocket.LimitWaits(connection, patienceMs);
            if (!UnixSocket.SendWith(core, connection, question).IsOk)
                return default;
            byte[] answer = new byte[ControlSocket.MaxQuestionBytes];
            IoResult received = UnixSocket.Receive(connection, answer);
            if (!received.IsOk)
            {
                // Either the answer was sent before this, or it fails, and the server leaves the core alone.
                UnixSocket.EndReceiving(connection);
                received = UnixSocket.Receive(connection, answer);
            }

            if (!received.IsOk || received.Value == 0)
                return default;
            string words = Encoding.UTF8.GetString(answer, 0, (int)received.Value);
            return words == Taken ? new Result(true, null) : new Result(false, words);
        }
    }

    /// <summary>The message of an offer. Pure.</summary>
    public static byte[] MessageOf(CoreArguments crash) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind}\0{crash.Pid}\0{crash.Uid}\0{crash.Gid}\0{crash.Signal}\0{crash.Time}\0{crash.Host}\0{crash.Command}"));

    /// <summary>Reads the message of an offer; null where it is another. Pure.</summary>
    public static CoreArguments? Read(ReadOnlySpan<byte> message)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return Encoding.UTF8.GetString(message).Split('\0', FieldCount) is
            [Kind, var pid, var uid, var gid, var signal, var time, var host, var command]
            && int.TryParse(pid, culture, out int pidNumber)
            && uint.TryParse(uid, culture, out uint uidNumber)
            && uint.TryParse(gid, culture, out uint gidNumber)
            && int.TryParse(signal, culture, out int signalNumber)
            && long.TryParse(time, culture, out long timeNumber)
            ? new CoreArguments(pidNumber, uidNumber, gidNumber, signalNumber, timeNumber, host, command)
            : null;
    }

    /// <summary>The server's answer. Where it fails, the other side has its core back.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="whyNot">Why the crash is refused; null where the server has taken it.</param>
    public static IoResult Answer(FileHandle connection, string? whyNot) =>
        UnixSocket.Send(connection, Encoding.UTF8.GetBytes(whyNot ?? Taken));
}
