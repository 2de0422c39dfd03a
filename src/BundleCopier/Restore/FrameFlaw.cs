using BundleCopier.Faults;

namespace BundleCopier.Restore;

/// <summary>What is wrong with a frame, and where in it.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Offset">Where, in bytes from the start of the frame.</param>
internal readonly record struct FrameFlaw(DamageKind Kind, int Offset)
{
    /// <summary>The flaw as damage of the file.</summary>
    /// <param name="frameOffset">The offset of the frame in the file.</param>
    /// <param name="segment">The segment in the frame; null for a frame of zeros.</param>
    public Damage At(long frameOffset, long? segment) => new(Kind, frameOffset + Offset, segment, Describe(Kind));

    private static string Describe(DamageKind kind) => kind switch
    {
        DamageKind.FrameChecksum => "The frame does not match its checksum.",
        DamageKind.FrameHeader => "The frame's header is damaged.",
        DamageKind.ContentSize => "The frame does not hold as much as it should.",
        DamageKind.BlockSize => "A block claims more bytes than it can have.",
        DamageKind.BlockData => "A block cannot be decompressed.",
        DamageKind.FrameEnd => "The frame does not end where it should.",
        DamageKind.ContentChecksum => "The content does not match its checksum.",
        DamageKind.BetweenFrames => "There are other bytes than zeros.",
        _ => throw new InvalidOperationException($"No frame has {kind}."),
    };
}
