namespace BundleCopier.Receipt;

/// <summary>
/// A set of names, of which it holds only a hash of 64 bits each: at most 22 bytes a name. Two different names can
/// have the same hash, so a hit must be confirmed where that matters.
/// </summary>
internal sealed class NameHashes
{
    private const ulong Factor = 0x9E3779B97F4A7C15;

    // Another one in each process, so that no receipt is made to have many equal hashes.
    private static readonly ulong Seed = unchecked((ulong)Random.Shared.NextInt64()) | 1;

    private ulong[] slots = new ulong[1024]; // 0: free

    /// <summary>How many hashes it holds.</summary>
    public int Count { get; private set; }

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
        if (4L * Count >= 3L * slots.Length)
            Grow();
        ulong key = KeyOf(hash);
        int at = Find(key);
        if (slots[at] == key)
            return false;
        slots[at] = key;
        Count++;
        return true;
    }

    /// <summary>True when the hash has been added.</summary>
    public bool Contains(ulong hash) => slots[Find(KeyOf(hash))] != 0;

    /// <summary>Removes all hashes.</summary>
    public void Clear()
    {
        bool isLarge = IsLarge;
        (slots, Count) = (new ulong[1024], 0);
        if (isLarge)
            LittleMemory.Collect();
    }

    private bool IsLarge => slots.Length >= LittleMemory.LargeBytes / sizeof(ulong);

    private static ulong KeyOf(ulong hash) => hash == 0 ? 1 : hash;

    // The slot of a key, or the free one where it would go.
    private int Find(ulong key)
    {
        int at = (int)(key & (ulong)(slots.Length - 1));
        while (slots[at] != 0 && slots[at] != key)
            at = (at + 1) & (slots.Length - 1);
        return at;
    }

    private void Grow()
    {
        // The array before this one, half as large, is garbage by now.
        if (IsLarge)
            LittleMemory.Collect();
        ulong[] old = slots;
        slots = new ulong[2 * old.Length];
        foreach (ulong key in old)
        {
            if (key != 0)
                slots[Find(key)] = key;
        }
    }
}
