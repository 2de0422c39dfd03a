namespace BundleCopier.Native;

/// <summary>
/// Writes that are handed to the kernel and not waited for: one thread has several in flight and does other work
/// meanwhile. One thread uses it. Disposing waits for writes in flight, because the kernel reads from their memory
/// until they end.
/// </summary>
internal interface IWriteQueue : IDisposable
{
    /// <summary>The most pieces of memory that one write takes.</summary>
    const int MaxPieces = 4;

    /// <summary>Prepares a write of pieces of memory that lie one behind the other in the file.</summary>
    /// <param name="tag">Comes back with the result; below the depth of the queue, and not in use.</param>
    /// <param name="output">The file; it stays open until the write has ended.</param>
    /// <param name="pieces">The memory, aligned. It must not change until the write has ended.</param>
    /// <param name="offset">Where in the file, in bytes.</param>
    /// <returns>False when the file cannot be written this way; nothing is prepared then.</returns>
    bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset);

    /// <summary>Hands all prepared writes to the kernel at once.</summary>
    /// <returns>
    /// How many it took, in the order in which they were added. The others are forgotten, and nothing of them is
    /// written.
    /// </returns>
    int Submit();

    /// <summary>Takes in writes that have ended, in any order.</summary>
    /// <param name="ended">Gets them; as long as the depth of the queue.</param>
    /// <param name="wait">Sleep until at least one has ended; only where one is in flight.</param>
    /// <returns>How many.</returns>
    int Collect(Span<EndedWrite> ended, bool wait);
}

/// <summary>The result of a write that was handed over.</summary>
internal readonly record struct EndedWrite(int Tag, IoResult Result);
