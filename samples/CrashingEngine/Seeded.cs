using System.Buffers.Binary;

namespace CrashingEngine;

/// <summary>
/// SplitMix64: the same seed gives the same numbers on every runtime, and a new generator costs nothing.
/// </summary>
internal struct Seeded(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    public ulong Below(ulong limit) => Next() % limit;

    public void Fill(Span<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next());
        foreach (ref byte b in bytes)
            b = (byte)Next();
    }
}
