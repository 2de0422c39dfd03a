using Akka.Actor;
using BundleCopier.Native;
using static BundleCopier.Cli.Serve.ServeProtocol;

namespace BundleCopier.Cli.Serve;

/// <summary>
/// The thread that waits for what comes from outside: files in the spool, and connections. It costs nothing while
/// nothing comes. It gives all work to the server's actor.
/// </summary>
internal sealed class ServerDoor : IDisposable
{
    private readonly DirectoryWatch watch;
    private readonly FileHandle control;
    private readonly FileHandle? cores;
    private readonly PollSet poll;
    private readonly IActorRef server;
    private readonly Thread thread;

    private ServerDoor(ServerParts parts, PollSet poll, IActorRef server)
    {
        watch = parts.Watch;
        control = parts.Control;
        cores = parts.Cores;
        this.poll = poll;
        this.server = server;
        thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "serve-door" };
    }

    /// <summary>Starts the thread. The watch and the sockets belong to the caller.</summary>
    public static IoResult<ServerDoor> Open(ServerParts parts, IActorRef server)
    {
        List<FileHandle> handles = [parts.Watch.Handle, parts.Control];
        if (parts.Cores is { } cores)
            handles.Add(cores);
        if (!PollSet.Open([.. handles]).Try(out PollSet? poll, out Errno error))
            return IoResult<ServerDoor>.Failed(error);
        ServerDoor door = new(parts, poll, server);
        door.thread.Start();
        return IoResult<ServerDoor>.Ok(door);
    }

    public void Dispose()
    {
        poll.End();
        thread.Join();
        poll.Dispose();
    }

    private void Run()
    {
        while (poll.Wait(Take))
        {
        }
    }

    private void Take(FileHandle readable)
    {
        if (readable == watch.Handle)
        {
            watch.Drain();
            server.Tell(LookIntoSpool.Instance);
        }
        else if (readable == cores)
        {
            TakeCore(cores);
        }
        else if (UnixSocket.Accept(control).Try(out FileHandle? connection, out _) && !TryTake(connection))
        {
            connection.Dispose();
        }
    }

    private void TakeCore(FileHandle listener)
    {
        if (!UnixSocket.Accept(listener).Try(out FileHandle? connection, out _))
            return;
        if (CoreConnection.Of(connection).Try(out CoreConnection? core, out string? why))
        {
            server.Tell(new CoreArrived(core));
            return;
        }

        connection.Dispose();
        Messages.Tell($"a connection to the core socket is refused: {why}");
    }

    // The actor owns the connection when this is true.
    private bool TryTake(FileHandle connection)
    {
        if (!UnixSocket.PeerOf(connection).Try(out SocketPeer peer, out _)
            || (peer.UserId != 0 && peer.UserId != LinuxKernel.Instance.UserId))
        {
            return false;
        }

        UnixSocket.LimitWaits(connection, ControlSocket.PatienceMs);
        Span<byte> buffer = stackalloc byte[ControlSocket.MaxQuestionBytes];
        IoResult received = UnixSocket.Receive(connection, buffer, out FileHandle? given);
        ReadOnlySpan<byte> question = received.IsOk ? buffer[..(int)received.Value] : [];
        if (given is not null && CoreHandOver.Read(question) is { } crash)
        {
            DumpedProcess process = DumpedProcess.Of(crash.Pid, crash.Uid, crash.Gid);
            string name = process.Name.Length == 0 ? crash.Command : process.Name;
            CorePipe pipe = new(given, process with { Name = name, Signal = crash.Signal });
            server.Tell(new CoreGiven(connection, pipe, crash.At));
            return true;
        }

        given?.Dispose();
        if (!question.SequenceEqual(ControlSocket.Status))
            return false;
        server.Tell(new StatusAsked(connection));
        return true;
    }
}
