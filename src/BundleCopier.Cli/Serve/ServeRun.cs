using Akka.Actor;
using BundleCopier.Actors;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using BundleCopier.Supervise;

namespace BundleCopier.Cli.Serve;

/// <summary>Runs the crash server until a signal ends it.</summary>
internal static class ServeRun
{
    public static int Run(ServeConfig config, string? configPath, Messages messages)
    {
        ServeSettings settings = config.Server;
        if (ProgramSandbox.EnterForServe(config.Copy) is { } lack)
            return Refused(lack);
        if (ServeDestination.Problem(config) is { } unusable)
            return Refused(unusable.Message);
        using ServiceManager manager = ServiceManager.Find();
        IReadOnlyList<FileHandle> given = ServiceManager.TakeSockets();
        if (!SpoolFolder.Open(settings.Spool).Try(out SpoolFolder? spool, out string? problem))
            return Refused($"the spool {settings.Spool} {problem}");
        using SpoolFolder ownSpool = spool;
        if (!DirectoryWatch.Open(settings.Spool).Try(out DirectoryWatch? watch, out Errno error))
            return Refused($"the spool {settings.Spool} cannot be watched: {error.Name}");
        using DirectoryWatch ownWatch = watch;
        if (!Listen(settings.ControlSocket, LibcServer.SOCK_SEQPACKET, given)
            .Try(out FileHandle? control, out string? no))
        {
            return Refused(no);
        }

        using FileHandle ownControl = control;
        FileHandle? cores = null;
        if (settings.CoreSocket is { } coreSocket
            && !Listen(coreSocket, LibcServer.SOCK_STREAM, given).Try(out cores, out no))
        {
            return Refused(no);
        }

        using FileHandle? ownCores = cores;
        using EngineArms arms = new();
        IoResult taken = arms.Take(config.Copy);
        if (!taken.IsOk)
        {
            string budget = ByteSize.Format(config.Copy.BudgetBytes);
            return Refused($"there is no memory for the budget of {budget} ({taken.Error.Name}); give a smaller one");
        }

        int exitCode = Run(config, new ServerParts(configPath, spool, watch, control, cores, manager, arms), messages);
        // Where the service manager made a socket, it goes on listening there.
        if (!given.Contains(control))
            File.Delete(settings.ControlSocket);
        if (cores is not null && !given.Contains(cores))
            File.Delete(settings.CoreSocket!);
        return exitCode;
    }

    private static int Run(ServeConfig config, ServerParts parts, Messages messages)
    {
        using ActorSystem? system = ProgramSystem.Start(config.System, messages, out int whyNot);
        if (system is null)
            return whyNot;
        CopyEngine engine = new(system, new EngineSettings());
        // Settings of the actor system's own kind may fail here, so all of it runs before the server says that it is
        // ready.
        if (!parts.Arms.StartThreads(config.Copy))
        {
            return Refused("the threads of a copy cannot be started. "
                + "Raise the limit: TasksMax of the unit, pids.max of the control group, or RLIMIT_NPROC");
        }

        IoResult locked = parts.Arms.Lock(config.Copy);
        if (!locked.IsOk && config.Copy.MemoryLock)
        {
            return Refused($"memory.lock is on, and the memory cannot be locked: {locked.Error.Name}. "
                + "Give CAP_IPC_LOCK, or LimitMEMLOCK=infinity");
        }

        if (!locked.IsOk)
            messages.Inform($"the memory is not locked: {locked.Error.Name}");
        _ = OomScore.Set(config.Server.OomScoreAdj);
        IActorRef server = system.ActorOf(Produced<CrashServerActor>
            .By(() => new CrashServerActor(parts, config, engine)).WithDispatcher(ReferenceConfig.IoDispatcherPath));
        using ServerSignals signals = new(
            () => server.Tell(ServeProtocol.StopServer.Instance),
            () => server.Tell(ServeProtocol.Reload.Instance),
            () => engine.DescribeCopies(Messages.TellLines));
        if (!ServerDoor.Open(parts, server).Try(out ServerDoor? door, out Errno error))
            return Refused($"the server cannot wait for connections: {error.Name}");
        using (door)
            return parts.Ended.Task.GetAwaiter().GetResult() ? ExitCode.Complete : ExitCode.Failed;
    }

    private static Result<FileHandle, string> Listen(string path, int type, IReadOnlyList<FileHandle> given)
    {
        if (given.FirstOrDefault(s => UnixSocket.TypeOf(s) is { IsOk: true } found && found.Value == type) is { } own)
            return own;
        string parent = PathText.Parent(path);
        if (!LinuxKernel.Instance.OpenDirectory(parent).Try(out IDirectory? directory, out Errno error))
            return $"the directory {parent} of a socket cannot be opened: {error.Name}";
        using (directory)
        {
            if (directory.Untrusted is { } untrusted)
                return $"the socket {path} cannot be trusted: {untrusted.Path} {untrusted.Problem}";
        }

        return UnixSocket.Listen(path, type).Try(out FileHandle? made, out error) ? made
            : error.Name == "EADDRINUSE" ? $"another server listens at {path}, or a file is there"
            : $"the socket {path} cannot be made: {error.Name}";
    }

    private static int Refused(string why)
    {
        Messages.Tell(why);
        return ExitCode.Failed;
    }
}
