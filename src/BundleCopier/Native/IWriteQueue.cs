namespace BundleCopier.Native;

/// <summary>
/// A queue of writes that the kernel does in the background, so one thread can have several in flight. Only one thread
/// uses it. Disposing waits for writes in flight, because the kernel reads their memory until they end.
/// </summary>
internal interface IWriteQueue : IDisposable
{
    /// <summary>The most pieces of memory that one write takes.</summary>
    const int MaxPieces = 4;

    /// <summary>Prepares a write of pieces of memory to consecutive bytes of a file.</summary>
    /// <param name="tag">
    /// A number for the write, which its result has too: less than the depth of the queue, and not in use.
    /// </param>
    /// <param name="output">The file. It stays open until the write has ended.</param>
    /// <param name="pieces">The memory, aligned. It must not change until the write has ended.</param>
    /// <param name="offset">The offset in the file, in bytes.</param>
    /// <returns>False when the file cannot be written in this way; then nothing is prepared.</returns>
    bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset);

    /// <summary>Hands all prepared writes to the kernel at once.</summary>
    /// <returns>
    /// How many it accepted, in the order in which they were added. The others are dropped and not written.
    /// </returns>
    int Submit();

    /// <summary>Gets the results of writes that have ended, in any order.</summary>
    /// <param name="ended">Gets the results. It must be as long as the depth of the queue.</param>
    /// <param name="wait">Waits until at least one has ended. Use it only when a write is in flight.</param>
    /// <returns>The number of results.</returns>
    int Collect(Span<EndedWrite> ended, bool wait);
}

/// <summary>The result of a write that was handed over.</summary>
internal readonly record struct EndedWrite(int Tag, IoResult Result);
