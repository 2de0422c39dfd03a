namespace BundleCopier.Native;

/// <summary>
/// Writes that are begun and not waited for, so that one thread has several in flight and goes on with something else. One a thread;
/// disposing waits for whatever is still under way, because the kernel reads from the memory until then.
/// </summary>
internal interface IOverlappedWrites : IDisposable
{
    /// <summary>The most pieces of memory that one write takes.</summary>
    const int MaxPieces = 4;

    /// <summary>
    /// Begins to write pieces of memory, one behind the other in the file. False when it was not taken, and then nothing is written.
    /// </summary>
    /// <param name="tag">Comes back with the result; below the number of writes that were asked for.</param>
    /// <param name="output">Where to; it stays open until the write has ended.</param>
    /// <param name="pieces">What; aligned, and not changed until the write has ended.</param>
    /// <param name="offset">Where in the file.</param>
    bool Begin(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset);

    /// <summary>Takes in what has ended, in any order; returns how many.</summary>
    /// <param name="ended">Gets them; as long as the number of writes that were asked for.</param>
    /// <param name="wait">Sleep until one at least has ended; only where one is under way.</param>
    int Collect(Span<EndedWrite> ended, bool wait);
}

/// <summary>What became of a write.</summary>
internal readonly record struct EndedWrite(int Tag, IoResult Result);
