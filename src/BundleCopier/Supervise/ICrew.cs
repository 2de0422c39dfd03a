using BundleCopier.Compress;
using BundleCopier.Govern;
using BundleCopier.Read;
using BundleCopier.Write;

namespace BundleCopier.Supervise;

/// <summary>Whom the flow of a copy gives its orders to: actors in production, a list in tests.</summary>
internal interface ICrew
{
    void ToScout(object order);

    void ToKeeper(object order);

    void ToReader(int reader, ReaderProtocol.ReadSegment order);

    void ToReader(int reader, ReaderProtocol.ReadBunch order);

    void ToCompressor(int compressor, CompressorProtocol.CompressSegment order);

    void ToWriter(int writer, WriterProtocol.WriteSegment order);

    void ToWriter(int writer, WriterProtocol.WriteFrame order);

    void ToGovernor(GovernProtocol.WritesSeen seen);

    void ToWriter(int writer, WriterProtocol.WriteBunch order);

    /// <summary>Asks to be woken after a while, because the rate of writing is limited.</summary>
    void WakeAfter(long delayMs);

    /// <summary>Everything is written: readers, compressors and writers get no more orders.</summary>
    void Dismiss();

    /// <summary>The copy is over; nothing more is ordered and nothing is in flight.</summary>
    void Conclude(CopyResult result);
}
