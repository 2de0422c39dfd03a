namespace BundleCopier.Govern;

/// <summary>Why a governor held a copy back.</summary>
internal enum Strain
{
    /// <summary>The copy's own writes took much longer than they can: somebody else needs the disk.</summary>
    Disk,

    /// <summary>Tasks of the machine waited for memory.</summary>
    Memory,
}

/// <summary>What a governor did, for the receipt. Changes with each tick.</summary>
internal sealed class GovernorTally
{
    /// <summary>Times that it held the copy back because of the disk.</summary>
    public int DiskBackOffs { get; private set; }

    /// <summary>Times that it held the copy back because of memory.</summary>
    public int MemoryBackOffs { get; private set; }

    /// <summary>Times that the copying threads went back to their usual place among others, because they got no time at all.</summary>
    public int Starvations { get; private set; }

    /// <summary>The least data in flight to the disk that it allowed, in bytes.</summary>
    public long LeastWindowBytes { get; private set; } = long.MaxValue;

    /// <summary>The most.</summary>
    public long MostWindowBytes { get; private set; }

    /// <summary>The lowest rate that it allowed, in bytes a second; null where it never limited the rate.</summary>
    public long? LeastRateBytes { get; private set; }

    public void Turned(in Dials dials)
    {
        long windowBytes = (long)dials.WritesInFlight * dials.PieceBytes;
        LeastWindowBytes = Math.Min(LeastWindowBytes, windowBytes);
        MostWindowBytes = Math.Max(MostWindowBytes, windowBytes);
        if (dials.RateBytes is { } rate)
            LeastRateBytes = Math.Min(LeastRateBytes ?? long.MaxValue, rate);
    }

    public void BackedOff(Strain strain)
    {
        if (strain == Strain.Disk)
            DiskBackOffs++;
        else
            MemoryBackOffs++;
    }

    public void Starved() => Starvations++;
}
