using BundleCopier.Elf;
using BundleCopier.Faults;

namespace BundleCopier.Plan;

/// <summary>
/// How far a stream has been read, and how it ended. One reader changes it; the supervisor reads it when no segment of
/// the stream is in flight, and may ask the reader at any time to stop.
/// </summary>
/// <param name="stallTimeout">How long the stream may give nothing.</param>
/// <param name="judge">Looks at the bytes of a core; null for other streams.</param>
internal sealed class StreamState(TimeSpan stallTimeout, CoreJudge? judge)
{
    // While the whole process stands still (SIGSTOP), the stream is not silent.
    private const long MaxStepMs = 300;

    private long position;
    private long silentMs;
    private long? lookedMs;
    private volatile bool hasEnded;
    private volatile bool isCut;

    /// <summary>The bytes that were read.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>Its end was read.</summary>
    public bool HasReachedEnd { get; private set; }

    /// <summary>Why it cannot be read on; null where that has not happened.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Nothing more is read.</summary>
    public bool HasEnded => hasEnded;

    /// <summary>The reader shall stop.</summary>
    public bool IsCut => isCut;

    /// <summary>What the headers of a core say; null for other streams.</summary>
    public CoreVerdict? Conclude() => judge?.Conclude();

    /// <summary>Bytes were read.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        judge?.Add(bytes);
        Volatile.Write(ref position, position + bytes.Length);
        (silentMs, lookedMs) = (0, null);
    }

    /// <summary>Nothing came. It ends when that has lasted too long.</summary>
    /// <param name="nowMs">The time.</param>
    public void GiveNothing(long nowMs)
    {
        silentMs += Math.Min(nowMs - (lookedMs ?? nowMs), MaxStepMs);
        lookedMs = nowMs;
        if (silentMs >= (long)stallTimeout.TotalMilliseconds)
            Fail(Fault.Of(FaultKind.StreamSilent, $"for {(silentMs + 500) / 1000} s, at offset {position}"));
    }

    /// <summary>Its end was read.</summary>
    public void ReachEnd() => HasReachedEnd = hasEnded = true;

    /// <summary>It cannot be read on.</summary>
    public void Fail(Fault fault)
    {
        Fault ??= fault;
        hasEnded = true;
    }

    /// <summary>Nothing more is wanted: the reader ends the segment that it reads with what is there.</summary>
    public void Cut() => isCut = true;
}
