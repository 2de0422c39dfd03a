namespace BundleCopier.Receipt;

/// <summary>A moment of a copy. The counters count from the start of the copy.</summary>
/// <param name="AtMs">The time since the start, in milliseconds.</param>
/// <param name="DataBytes">Bytes of data that needed no more work by then.</param>
/// <param name="InFlightBytes">The largest amount of data in flight that was seen since the sample before.</param>
/// <param name="MemoryStallMs">
/// Time in which some task of the machine waited for memory; null where the kernel does not tell.
/// </param>
/// <param name="IoStallMs">
/// Time in which some task of the machine, the copy included, waited for a disk; null where the kernel does not tell.
/// </param>
public sealed record ReceiptSample(
    long AtMs, long DataBytes, long InFlightBytes, long? MemoryStallMs = null, long? IoStallMs = null)
{
    /// <summary>How many samples a copy records at most.</summary>
    internal const int MaxCount = 100;

    /// <summary>The room of one of them in a receipt: five numbers of at most 19 digits, indented.</summary>
    internal const int RoomBytes = 256;

    /// <summary>The first field that cannot be right, and why; null when all can.</summary>
    internal (string Field, string Problem)? Problem()
    {
        (string Field, long? Value)[] figures =
        [
            ("atMs", AtMs),
            ("dataBytes", DataBytes),
            ("inFlightBytes", InFlightBytes),
            ("memoryStallMs", MemoryStallMs),
            ("ioStallMs", IoStallMs),
        ];
        foreach ((string field, long? value) in figures)
        {
            if (value < 0)
                return (field, $"is {value}");
        }

        return null;
    }
}

/// <summary>How long the phases of a copy took, in milliseconds. The commit follows.</summary>
/// <param name="ListingMs">Finding the sources.</param>
/// <param name="PreparingMs">Making the bundle's directory, and reading what an earlier run has left.</param>
/// <param name="CopyingMs">Copying.</param>
public sealed record ReceiptPhases(long ListingMs, long PreparingMs, long CopyingMs);
