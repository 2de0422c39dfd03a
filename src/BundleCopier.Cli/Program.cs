using BundleCopier.Cli;
using BundleCopier.Native;

// Threads that this one starts inherit it: a write beyond RLIMIT_FSIZE fails with EFBIG, and SIGXFSZ does not end the
// program, whatever the command.
_ = SizeLimitSignal.BlockOnThisThread();
ProgramClock.Start();
return await CommandLine.RunAsync(args);
