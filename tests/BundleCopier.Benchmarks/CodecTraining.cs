using System.Runtime.InteropServices;
using K4os.Compression.LZ4;

namespace BundleCopier.Benchmarks;

/// <summary>
/// Uses the block codec as a copy and its restore do, for the counters of an instrumented run: blocks of 1 MiB, into a target
/// that is a little too small for what does not shrink, and back.
/// </summary>
internal static class CodecTraining
{
    private const int BlockBytes = 1 << 20;

    // As in SegmentCompressor.
    private const int WorthwhilePercent = 95;

    // Instrumented code is slow, and more of the same changes nothing.
    private const int MostBlocksPerFile = 64;

    /// <summary>
    /// Trains on files, or else on the runtime's own assemblies: every machine that builds has them, and a profile of them serves
    /// a core dump as well as a profile of that dump (686 and 684 MiB/s; 510 without).
    /// </summary>
    public static void Run(string[] files)
    {
        if (files.Length == 0)
            files = [.. Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll").Order(StringComparer.Ordinal)];
        byte[] source = new byte[BlockBytes];
        byte[] packed = new byte[BlockBytes * WorthwhilePercent / 100];
        byte[] unpacked = new byte[BlockBytes];
        foreach (string file in files)
        {
            using FileStream input = File.OpenRead(file);
            // Spread over the file: the start of a dump is not like the rest of it.
            long stride = Math.Max(1, input.Length / BlockBytes / MostBlocksPerFile) * BlockBytes;
            for (long at = 0; at < input.Length; at += stride)
            {
                input.Position = at;
                int read = input.ReadAtLeast(source, BlockBytes, throwOnEndOfStream: false);
                int limit = Math.Min(packed.Length, read * WorthwhilePercent / 100);
                int written = LZ4Codec.Encode(source.AsSpan(0, read), packed.AsSpan(0, limit), LZ4Level.L00_FAST);
                if (written > 0)
                    LZ4Codec.Decode(packed.AsSpan(0, written), unpacked);
            }
        }
    }
}
