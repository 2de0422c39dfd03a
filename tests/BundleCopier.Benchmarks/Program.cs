using System.Diagnostics;
using System.Globalization;
using BundleCopier.Benchmarks;
using K4os.Compression.LZ4;

if (args is ["touched", string from, string to])
{
    // The pages of a core dump that hold something: what was reserved and never touched would make everything look fast.
    const int PageBytes = 4096;
    byte[] page = new byte[PageBytes];
    using FileStream input = File.OpenRead(from);
    using FileStream output = new(to, FileMode.Append);
    for (int count; (count = input.ReadAtLeast(page, PageBytes, throwOnEndOfStream: false)) > 0;)
    {
        if (page.AsSpan(0, count).ContainsAnyExcept((byte)0))
            output.Write(page, 0, count);
    }

    return;
}

// What scripts/profile-codec is made of: first a run that counts, then a profile from the counts.
if (args is ["train", .. string[] files])
{
    CodecTraining.Run(files);
    return;
}

if (args is ["mibc", string counts, string profile])
{
    MethodProfile[] methods = [.. MethodProfile.Read(File.ReadAllLines(counts), typeof(LZ4Codec).Assembly)];
    MibcFile.Write(profile, typeof(LZ4Codec).Assembly, methods);
    Console.WriteLine(methods.Length);
    return;
}

// What the block codec does alone, on one thread, in memory: the yardstick for the compressing copy. Prints MiB/s, the
// median of the rounds over a whole file in blocks of 1 MiB.
const int BlockBytes = 1 << 20;
const int Rounds = 5;

byte[] content = File.ReadAllBytes(args[0]);
byte[] target = new byte[LZ4Codec.MaximumOutputSize(BlockBytes)];
List<double> rates = [];
for (int round = 0; round <= Rounds; round++)
{
    long start = Stopwatch.GetTimestamp();
    for (int at = 0; at < content.Length; at += BlockBytes)
        LZ4Codec.Encode(content.AsSpan(at, Math.Min(BlockBytes, content.Length - at)), target, LZ4Level.L00_FAST);
    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    // The first round compiles.
    if (round > 0)
        rates.Add(content.Length / seconds / BlockBytes);
}

rates.Sort();
Console.WriteLine(rates[Rounds / 2].ToString("0", CultureInfo.InvariantCulture));
