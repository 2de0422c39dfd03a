using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CrashingEngine;

/// <summary>
/// Memory like a real heap: Pages are first touched in random order, so neighbours in the file are not neighbours in
/// physical memory. Most pages hold text and small objects (type pointer, pointers to other objects, counters, short
/// strings), which compress well. Some pages hold compressed or encrypted data, which does not compress. Some pages
/// were cleared when they were freed (zero, but allocated). Whole chunks were reserved and never used (holes).
/// </summary>
internal static class Heap
{
    private const int PageBytes = 4096;
    private const int ChunkPages = 64;
    private const int ObjectBytes = 64;

    private static readonly string[] Words =
    [
        "order", "accepted", "session", "price", "limit", "EUR/USD", "cancel", "replaced",
        "filled", "book", "level", "latency", "gateway", "risk", "ok", "retry",
    ];

    public static void Fill(SharedMemory heap, ulong seed)
    {
        int pages = checked((int)((heap.Length + PageBytes - 1) / PageBytes));
        int[] order = [.. Enumerable.Range(0, pages)];
        var shuffle = new Seeded(seed);
        for (int i = pages - 1; i > 0; i--)
        {
            int j = (int)shuffle.Below((ulong)i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        foreach (int page in order)
        {
            // One generator for each page and one for each chunk, so content does not depend on the order of touching.
            bool reservedOnly = new Seeded(seed ^ (ulong)(page / ChunkPages) << 32).Below(16) == 0;
            if (reservedOnly)
                continue;
            long offset = (long)page * PageBytes;
            Span<byte> bytes = heap.At(offset, (int)Math.Min(PageBytes, heap.Length - offset));
            FillPage(bytes, page, new Seeded(seed + (ulong)page));
        }
    }

    private static void FillPage(Span<byte> page, int index, Seeded random)
    {
        switch (random.Below(100))
        {
            case < 55: Objects(page, index, random); break;
            case < 80: Text(page, random); break;
            case < 92: random.Fill(page); break;
            default: page.Clear(); break;
        }
    }

    private static void Objects(Span<byte> page, int index, Seeded random)
    {
        const ulong heapAddress = 0x7f3a_0000_0000, typeAddress = 0x7f39_8000_0000;
        for (; page.Length >= ObjectBytes; page = page[ObjectBytes..])
        {
            Span<ulong> fields = MemoryMarshal.Cast<byte, ulong>(page[..ObjectBytes]);
            ulong pageAddress = heapAddress + (ulong)index * PageBytes;
            fields[0] = typeAddress + random.Below(40) * 0x40;                     // its type
            fields[1] = pageAddress + random.Below(64) * ObjectBytes;              // an object in the same page
            fields[2] = heapAddress + random.Below((ulong)index + 1) * PageBytes;  // an object in another page
            fields[3] = random.Below(8);                                           // reference count
            fields[4] = 1_700_000_000_000 + random.Below(1_000_000);               // a time in ms
            fields[5] = 0;                                                         // unused
            Encoding.ASCII.GetBytes(Words[random.Below((ulong)Words.Length)], page[48..]);
            BinaryPrimitives.WriteUInt32LittleEndian(page[60..], (uint)random.Below(1000));
        }
    }

    private static void Text(Span<byte> page, Seeded random)
    {
        while (!page.IsEmpty)
        {
            string word = Words[random.Below((ulong)Words.Length)];
            word += random.Below(8) == 0 ? $"={random.Below(100_000)};\n" : " ";
            int length = Math.Min(word.Length, page.Length);
            Encoding.ASCII.GetBytes(word.AsSpan(0, length), page);
            page = page[length..];
        }
    }
}
