// A process that crashes. It keeps its heap, its logs and an arena in shared memory, works for a moment, then follows
// a wild pointer and is killed by SIGSEGV. Its files stay in tmpfs.
//
//   CrashingEngine DIRECTORY [--heap 256MiB] [--ring 16MiB] [--arena 1TiB] [--seed 42] [--lines 400]
//
// DIRECTORY should be a new directory below /dev/shm that only the caller can enter. The same options give the same
// bytes. --lines is the number of log lines that are written after "ready", one per millisecond.
using System.Runtime.InteropServices;
using CrashingEngine;

string? directory = null;
const string usage =
    "CrashingEngine DIRECTORY [--heap 256MiB] [--ring 16MiB] [--arena 1TiB] [--seed 42] [--lines 400]";
long heapBytes = 256L << 20, ringBytes = 16L << 20, arenaBytes = 1L << 40;
ulong seed = 42;
int linesAfterReady = 400;
try
{
    for (int i = 0; i < args.Length; i++)
    {
        string Value() => i + 1 < args.Length ? args[++i] : throw new FormatException($"{args[i]} needs a value.");
        switch (args[i])
        {
            case "--heap": heapBytes = Size.Parse(Value()); break;
            case "--ring": ringBytes = Size.Parse(Value()); break;
            case "--arena": arenaBytes = Size.Parse(Value()); break;
            case "--seed": seed = ulong.Parse(Value()); break;
            case "--lines": linesAfterReady = int.Parse(Value()); break;
            case var option when option.StartsWith('-'): throw new FormatException($"Unknown option {option}.");
            case var path when directory is null: directory = path; break;
            default: throw new FormatException("Only one directory, please.");
        }
    }

    if (directory is null)
        throw new FormatException($"Which directory? Usage: {usage}");
}
catch (Exception e) when (e is FormatException or OverflowException)
{
    Console.Error.WriteLine($"CrashingEngine: {e.Message}");
    return 2;
}

// No core file: the shared memory is what bundlecopy saves, and a core file would contain it a second time.
Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0);

string PathOf(string name) => Path.Combine(directory, name);
RingLog[] rings;
try
{
    Heap.Fill(new SharedMemory(PathOf("engine.heap"), heapBytes), seed);
    SharedMemory Ring(int number) => new(PathOf($"engine-{number}.ring"), ringBytes);
    rings = [new RingLog(Ring(0), 0, seed), new RingLog(Ring(1), 1, seed)];
    foreach (RingLog ring in rings)
        ring.WriteOnceAndAHalfRound();
    Arena.Create(PathOf("engine.arena"), arenaBytes, seed);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    // An exit code, not an abort, so that the caller can distinguish an error from the intended crash.
    Console.Error.WriteLine($"CrashingEngine: {e.Message}");
    return 1;
}

const string files = "engine.heap, engine-0.ring, engine-1.ring, engine.arena";
Console.WriteLine($"ready: process {Environment.ProcessId} owns {files} in {directory}");
Console.Out.Flush();

for (int i = 0; i < linesAfterReady; i++)
{
    rings[i % rings.Length].WriteLine();
    Thread.Sleep(1);
}

// In managed code the runtime may turn the signal into an exception. In native code it ends the process.
Libc.strlen(unchecked((nint)0x5ead_beef_0000));
Console.Error.WriteLine("CrashingEngine: still alive after following a wild pointer");
return 1;

internal static class Libc
{
    public const int PR_SET_DUMPABLE = 4;

    [DllImport("libc")]
    public static extern int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [DllImport("libc")]
    public static extern nuint strlen(nint text);
}
