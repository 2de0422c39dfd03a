using System.Runtime.InteropServices;
using K4os.Compression.LZ4;

namespace BundleCopier.Benchmarks;

/// <summary>
/// Uses the block codec like a copy and a restore, for the counters of an instrumented run: compresses blocks of 1 MiB
/// into a target that is a little too small for blocks that do not shrink, and decompresses them.
/// </summary>
internal static class CodecTraining
{
    private const int BlockBytes = 1 << 20;

    // The same as in SegmentCompressor.
    private const int WorthwhilePercent = 95;

    // Instrumented code is slow, and more data does not change the profile.
    private const int MaxBlocksPerFile = 64;

    /// <summary>
    /// Trains on files, by default on the runtime's own assemblies. Every machine that builds has them, and their
    /// profile is as good for a core dump as the profile of that dump (686 and 684 MiB/s; 510 without a profile).
    /// </summary>
    public static void Run(string[] files)
    {
        if (files.Length == 0)
        {
            string runtime = RuntimeEnvironment.GetRuntimeDirectory();
            files = [.. Directory.GetFiles(runtime, "*.dll").Order(StringComparer.Ordinal)];
        }

        byte[] source = new byte[BlockBytes];
        byte[] packed = new byte[BlockBytes * WorthwhilePercent / 100];
        byte[] unpacked = new byte[BlockBytes];
        foreach (string file in files)
        {
            using FileStream input = File.OpenRead(file);
            // Take blocks from all parts of the file: the start of a dump differs from the rest.
            long stride = Math.Max(1, input.Length / BlockBytes / MaxBlocksPerFile) * BlockBytes;
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
