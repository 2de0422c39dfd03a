namespace BundleCopier.Receipt;

/// <summary>
/// A set of names, of which it holds only a hash of 64 bits each: at most 12 bytes a name. Two different names can
/// have the same hash, so a hit must be confirmed where that matters.
/// </summary>
internal sealed class NameHashes
{
    private const ulong Factor = 0x9E3779B97F4A7C15;

    // Many small tables grow one at a time, by a quarter. A single one would need three times its memory while it
    // grows to twice its size.
    private const int TableCount = 256;
    private const int FirstSlots = 16;

    // Another one in each process, so that no receipt is made to have many equal hashes.
    private static readonly ulong Seed = unchecked((ulong)Random.Shared.NextInt64()) | 1;

    private readonly Table[] tables = new Table[TableCount];
    private int garbageBytes;

    /// <summary>How many hashes it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The memory of its tables.</summary>
    public long SizeBytes => tables.Sum(static t => (t.Slots?.Length ?? 0) * (long)sizeof(ulong));

    /// <summary>The hash of a name.</summary>
    public static ulong Of(ReadOnlySpan<char> name) => More(Seed, name);

    /// <summary>The hash of a name, of whose beginning the hash is known.</summary>
    public static ulong More(ulong hash, ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            hash = (hash ^ c) * Factor;
            hash ^= hash >> 32;
        }

        return hash;
    }

    /// <summary>Adds a hash. False where it is there already.</summary>
    public bool Add(ulong hash)
    {
        ulong key = KeyOf(hash);
        ref Table table = ref TableOf(key);
        table.Slots ??= new ulong[FirstSlots];
        if (8 * (table.Count + 1) > 7 * table.Slots.Length)
            Grow(ref table);
        ulong[] slots = table.Slots!;
        int at = Find(slots, key);
        if (slots[at] == key)
            return false;
        slots[at] = key;
        table.Count++;
        Count++;
        return true;
    }

    /// <summary>True when the hash has been added.</summary>
    public bool Contains(ulong hash)
    {
        ulong key = KeyOf(hash);
        return TableOf(key).Slots is { } slots && slots[Find(slots, key)] == key;
    }

    // 0 is a free slot.
    private static ulong KeyOf(ulong hash) => hash == 0 ? 1 : hash;

    // The lowest bits choose the table, the highest ones the slot.
    private ref Table TableOf(ulong key) => ref tables[key % TableCount];

    // The slot of a key, or the free one where it would go.
    private static int Find(ulong[] slots, ulong key)
    {
        int at = (int)Math.BigMul(key, (ulong)slots.Length, out _);
        while (slots[at] != 0 && slots[at] != key)
            at = at + 1 == slots.Length ? 0 : at + 1;
        return at;
    }

    private void Grow(ref Table table)
    {
        ulong[] old = table.Slots!;
        table.Slots = new ulong[old.Length + (old.Length / 4)];
        foreach (ulong key in old)
        {
            if (key != 0)
                table.Slots[Find(table.Slots, key)] = key;
        }

        garbageBytes += old.Length * sizeof(ulong);
        if (garbageBytes < LittleMemory.LargeBytes)
            return;
        garbageBytes = 0;
        LittleMemory.Collect();
    }

    private struct Table
    {
        public ulong[]? Slots;
        public int Count;
    }
}
