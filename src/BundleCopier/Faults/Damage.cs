using BundleCopier.Model;

namespace BundleCopier.Faults;

/// <summary>What can be wrong with a file of a bundle. The list is complete: anything else is a bug.</summary>
public enum DamageKind
{
    /// <summary>The receipt lists the file, but it cannot be opened.</summary>
    Missing,

    /// <summary>The file cannot be read from the disk.</summary>
    Unreadable,

    /// <summary>The file is shorter or longer than it should be.</summary>
    WrongSize,

    /// <summary>
    /// The file does not end with a seek table: it was cut off, or is not a compressed file of a bundle.
    /// </summary>
    NoSeekTable,

    /// <summary>The seek table contradicts itself or its file.</summary>
    SeekTable,

    /// <summary>The seek table's checksum does not match.</summary>
    SeekTableChecksum,

    /// <summary>A frame does not match its hash in the seek table.</summary>
    FrameChecksum,

    /// <summary>The format does not allow a frame's header.</summary>
    FrameHeader,

    /// <summary>A frame's header gives more content than allowed, or less than expected.</summary>
    ContentSize,

    /// <summary>A block's header gives more bytes than its frame has, or than any block may have.</summary>
    BlockSize,

    /// <summary>A block cannot be decompressed.</summary>
    BlockData,

    /// <summary>A frame ends too early or too late, or has no end mark.</summary>
    FrameEnd,

    /// <summary>A frame's content does not match its checksum.</summary>
    ContentChecksum,

    /// <summary>The bytes between two data frames are neither padding nor frames of zeros.</summary>
    BetweenFrames,

    /// <summary>The whole content does not match the checksum in the receipt.</summary>
    FileChecksum,

    /// <summary>A segment of a raw file does not match its checksum.</summary>
    SegmentChecksum,

    /// <summary>The checksums of a raw file's segments are missing or damaged. The file itself can be right.</summary>
    SegmentRecord,

    /// <summary>The file has more than one name (a hard link).</summary>
    Linked,
}

/// <summary>What is wrong with a file of a bundle, and where.</summary>
/// <param name="Kind">The kind of damage.</param>
/// <param name="Offset">The offset in the bundle's file, in bytes; null when the whole file is meant.</param>
/// <param name="Frame">The number of the damaged frame's segment; null when the damage is in no data frame.</param>
/// <param name="Detail">What was found, as a sentence.</param>
public sealed record Damage(DamageKind Kind, long? Offset, long? Frame, string Detail)
{
    /// <summary>The bytes of the content that are lost by it; null where none are, or it is not known which.</summary>
    public ByteRange? Lost { get; init; }

    /// <summary>Offset, frame, detail and loss on one line, for people.</summary>
    public string Message => Place + Detail
        + (Lost is { } lost ? $" Content lost: offset {lost.Offset}, length {lost.Length}." : "");

    private string Place => (Offset, Frame) switch
    {
        (null, _) => "",
        (long offset, null) => $"offset {offset}: ",
        (long offset, long frame) => $"offset {offset}, frame {frame}: ",
    };

    internal static Damage WholeFile(DamageKind kind, string detail) => new(kind, null, null, detail);
}

/// <summary>All that is wrong with a file of a bundle.</summary>
/// <param name="Damages">
/// What is wrong with the file as a whole, and then its damaged places by their offsets. Segments that are damaged in
/// the same way and lie side by side are one place. A file with very many places has only the first ones here.
/// </param>
/// <param name="MoreCount">How many segments are damaged that are in none of these places.</param>
/// <param name="LostBytes">How many bytes of the content are lost, as far as that is known.</param>
public sealed record FileDamage(IReadOnlyList<Damage> Damages, long MoreCount, long LostBytes)
{
    /// <summary>The first of them.</summary>
    public Damage First => Damages[0];

    internal static FileDamage Of(Damage damage) => new([damage], 0, damage.Lost?.Length ?? 0);
}
