using BundleCopier.Cli;
using BundleCopier.Native;

// Threads that this one starts inherit it: a write beyond RLIMIT_FSIZE fails with EFBIG, and SIGXFSZ does not end the
// program, whatever the command.
_ = SizeLimitSignal.BlockOnThisThread();
_ = ProcessShield.Apply();
ProgramClock.Start();
if (PrivilegedStart.IsOne)
{
    // Exit code 4: the command is valid, and is right when root gives it.
    Messages.Tell(
        "the program's file gives it privileges that its caller does not have, and it could be made to copy anything. "
        + "Remove them (chmod ug-s, setcap -r). Run it as root, or give capabilities with AmbientCapabilities= of a "
        + "systemd unit");
    return ExitCode.Failed;
}

return await CommandLine.RunAsync(args);
