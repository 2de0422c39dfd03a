// A process like those whose memory a crash bundle saves: it keeps its heap, its logs and an arena in shared memory, works for a
// moment, then follows a wild pointer and is killed by SIGSEGV. The files stay behind, because tmpfs outlives its writers.
//
//   CrashingEngine DIRECTORY [--heap 256MiB] [--ring 16MiB] [--arena 1TiB] [--seed 42] [--lines 400]
//
// DIRECTORY should be a fresh directory below /dev/shm that only the caller can enter. The same options give the same bytes.
// --lines is how many log lines are written after "ready", one a millisecond.
using System.Runtime.InteropServices;
using CrashingEngine;

string? directory = null;
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
        throw new FormatException("Which directory? Usage: CrashingEngine DIRECTORY [--heap 256MiB] [--ring 16MiB] [--arena 1TiB] [--seed 42] [--lines 400]");
}
catch (Exception e) when (e is FormatException or OverflowException)
{
    Console.Error.WriteLine($"CrashingEngine: {e.Message}");
    return 2;
}

// The files are what shall survive, not a core file in some working directory (which would hold the same memory once more).
Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0);

string PathOf(string name) => Path.Combine(directory, name);
RingLog[] rings;
try
{
    Heap.Fill(new SharedMemory(PathOf("engine.heap"), heapBytes), seed);
    rings = [.. Enumerable.Range(0, 2).Select(i => new RingLog(new SharedMemory(PathOf($"engine-{i}.ring"), ringBytes), i, seed))];
    foreach (RingLog ring in rings)
        ring.WriteOnceAndAHalfRound();
    Arena.Create(PathOf("engine.arena"), arenaBytes, seed);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    // An exit code, not an abort: whoever waits for the crash must be able to tell the two apart.
    Console.Error.WriteLine($"CrashingEngine: {e.Message}");
    return 1;
}

Console.WriteLine($"ready: process {Environment.ProcessId} owns engine.heap, engine-0.ring, engine-1.ring, engine.arena in {directory}");
Console.Out.Flush();

for (int i = 0; i < linesAfterReady; i++)
{
    rings[i % rings.Length].WriteLine();
    Thread.Sleep(1);
}

// In managed code the runtime would turn this into an exception. Native code that walks a corrupted pointer just dies.
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
