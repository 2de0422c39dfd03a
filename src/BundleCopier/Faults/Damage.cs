
namespace BundleCopier.Faults;

/// <summary>What can be wrong with a file of a bundle. The set is closed: everything else is a bug.</summary>
public enum DamageKind
{
    /// <summary>The receipt lists it, and it cannot be opened.</summary>
    Missing,

    /// <summary>The disk could not read it.</summary>
    Unreadable,

    /// <summary>It ends before it should, or it is longer.</summary>
    WrongSize,

    /// <summary>Its last bytes are not the end of a seek table: it was cut, or is no file of this kind.</summary>
    NoSeekTable,

    /// <summary>The seek table contradicts itself or the file it is in.</summary>
    SeekTable,

    /// <summary>The seek table's checksum does not match.</summary>
    SeekTableChecksum,

    /// <summary>A frame's bytes do not match the seek table's hash of them.</summary>
    FrameChecksum,

    /// <summary>A frame's header is not what the format allows.</summary>
    FrameHeader,

    /// <summary>A frame claims more content than it may hold, or less than it should.</summary>
    ContentSize,

    /// <summary>A block claims more bytes than its frame has, or than any block may have.</summary>
    BlockSize,

    /// <summary>A block cannot be decompressed.</summary>
    BlockData,

    /// <summary>A frame ends too early, too late or not at all.</summary>
    FrameEnd,

    /// <summary>A frame's content does not match its checksum.</summary>
    ContentChecksum,

    /// <summary>Between the frames there is something that does not belong there.</summary>
    BetweenFrames,

    /// <summary>The content as a whole does not match the receipt's checksum.</summary>
    FileChecksum,
}

/// <summary>What is wrong with a file of a bundle, and where.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">Where in the bundle's file, in bytes; null when it is the file as a whole.</param>
/// <param name="Frame">The number of the segment whose frame it is; null outside of one.</param>
/// <param name="Detail">What was found, as a sentence.</param>
public sealed record Damage(DamageKind Kind, long? Offset, long? Frame, string Detail)
{
    /// <summary>All of it on one line, for a person.</summary>
    public string Message => (Offset, Frame) switch
    {
        (null, _) => Detail,
        (long offset, null) => $"offset {offset}: {Detail}",
        (long offset, long frame) => $"offset {offset}, frame {frame}: {Detail}",
    };

    internal static Damage WholeFile(DamageKind kind, string detail) => new(kind, null, null, detail);
}
