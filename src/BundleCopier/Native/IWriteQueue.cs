namespace BundleCopier.Native;

/// <summary>Hands many small writes to the kernel at once. One a thread.</summary>
internal interface IWriteQueue : IDisposable
{
    /// <summary>
    /// Carries each write out once, as <see cref="IOutputFile.Write"/> would, and returns when all are over. One that the
    /// kernel did not take has no result, and nothing of it has been written.
    /// </summary>
    void WriteAll(Span<QueuedWrite> writes);
}

/// <summary>One of many writes, and what became of it.</summary>
internal struct QueuedWrite(IOutputFile output, nint source, int length, long offset)
{
    public readonly IOutputFile Output => output;

    public readonly nint Source => source;

    public readonly int Length => length;

    public readonly long Offset => offset;

    /// <summary>What the kernel said; null when it was not asked.</summary>
    public IoResult? Result { get; set; }
}
