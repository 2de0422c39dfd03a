using System.Buffers.Binary;
using System.IO.Hashing;
using BundleCopier.Lz4;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Journal;

/// <summary>
/// The journal of a bundle in progress (docs/format.md): blocks of 4 KiB, each with its number and a hash, so that a
/// reader knows a block that was torn, or that is of an earlier journal. A record lies in one block.
/// </summary>
internal static class JournalFormat
{
    /// <summary>The size of a block.</summary>
    public const int BlockBytes = Alignment.Bytes;

    /// <summary>The mark, the length of the records, the block's number and the hash.</summary>
    public const int HeaderBytes = 32;

    /// <summary>The most bytes that the records of a block have.</summary>
    public const int MaxRecordBytes = BlockBytes - HeaderBytes;

    /// <summary>First record of each run: the version of this format, the boot of the machine, and the bundle.
    /// </summary>
    public const byte StartRecord = 1;

    /// <summary>A file whose output was made.</summary>
    public const byte FileRecord = 2;

    /// <summary>A file whose output an earlier run had made; its earlier segments still count.</summary>
    public const byte FileAgainRecord = 3;

    /// <summary>A segment of a raw file.</summary>
    public const byte SegmentRecord = 4;

    /// <summary>A segment of a compressed file.</summary>
    public const byte FrameRecord = 5;

    /// <summary>The version of this format. A journal of another version is ignored.</summary>
    public const int Version = 2;

    private const int HashOffset = 24;

    private static ReadOnlySpan<byte> Mark => "BCJRNL1\0"u8;

    /// <summary>Fills in the header of a block.</summary>
    /// <param name="block">The block, with its records behind the header.</param>
    /// <param name="recordBytes">How long the records are.</param>
    /// <param name="number">The number of the block in the journal.</param>
    public static void Seal(Span<byte> block, int recordBytes, long number)
    {
        block[(HeaderBytes + recordBytes)..].Clear();
        Mark.CopyTo(block);
        BinaryPrimitives.WriteInt64LittleEndian(block[8..], recordBytes);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(block[HashOffset..], HashOf(block));
    }

    /// <summary>The records of a block; null where it is not the whole block of this number.</summary>
    public static ReadOnlyMemory<byte>? Open(ReadOnlyMemory<byte> block, long number)
    {
        ReadOnlySpan<byte> bytes = block.Span;
        long recordBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        bool isWhole = bytes.StartsWith(Mark)
            && recordBytes is >= 0 and <= MaxRecordBytes
            && BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) == number
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes[HashOffset..]) == HashOf(bytes);
        return isWhole ? block.Slice(HeaderBytes, (int)recordBytes) : null;
    }

    /// <summary>Writes the first record of a run.</summary>
    public static void WriteStart(BinaryWriter to, string bootId, string bundle)
    {
        to.Write(StartRecord);
        to.Write(Version);
        to.Write(bootId);
        to.Write(bundle);
    }

    /// <summary>Writes the record of a file.</summary>
    public static void WriteFile(BinaryWriter to, int file, string output, in SourceStamp stamp, bool isAgain)
    {
        to.Write(isAgain ? FileAgainRecord : FileRecord);
        to.Write(file);
        WriteName(to, output);
        to.Write(stamp.Device);
        to.Write(stamp.Inode);
        to.Write(stamp.SizeBytes);
        to.Write(stamp.ModifiedAt.Seconds);
        to.Write(stamp.ModifiedAt.Nanoseconds);
        to.Write(stamp.ChangedAt.Seconds);
        to.Write(stamp.ChangedAt.Nanoseconds);
        to.Write(stamp.WantedHash);
    }

    /// <summary>Reads the path of an output.</summary>
    public static string ReadName(BinaryReader from)
    {
        int length = from.Read7BitEncodedInt();
        // Checked first, because the reader would allocate memory for any length.
        if (length > from.BaseStream.Length - from.BaseStream.Position)
            throw new EndOfStreamException();
        return NameBytes.ToText(from.ReadBytes(length));
    }

    /// <summary>Writes the record of a segment. A raw one has a digest.</summary>
    public static void WriteSegment(BinaryWriter to, in JournalEntry entry)
    {
        KeptSegment segment = entry.Segment;
        to.Write(segment.Frame is null ? SegmentRecord : FrameRecord);
        to.Write(entry.File);
        to.Write(segment.Segment);
        to.Write(segment.StoredDigest);
        to.Write(segment.DataBytes);
        to.Write(segment.WrittenBytes);
        if (segment.Frame is not { } frame)
            return;
        to.Write(frame.FrameBytes);
        to.Write(frame.FrameOffset);
        to.Write(frame.FrameHash);
        to.Write(segment.FrameEnd);
    }

    /// <summary>Reads the stamp of a file.</summary>
    public static SourceStamp ReadStamp(BinaryReader from) => new(
        from.ReadUInt64(),
        from.ReadUInt64(),
        from.ReadInt64(),
        new Timestamp(from.ReadInt64(), from.ReadInt64()),
        new Timestamp(from.ReadInt64(), from.ReadInt64()),
        from.ReadUInt64());

    /// <summary>Reads the rest of a segment's record, behind the number of the file.</summary>
    public static KeptSegment ReadSegment(BinaryReader from, bool hasFrame)
    {
        KeptSegment segment = new(from.ReadInt64(), from.ReadUInt64(), from.ReadInt32(), from.ReadInt64());
        if (!hasFrame)
            return segment;
        (int frameBytes, long frameOffset, ulong frameHash) = (from.ReadInt32(), from.ReadInt64(), from.ReadUInt64());
        return segment.AsFrame(
            new SeekEntry(segment.Segment, frameBytes, frameOffset, frameHash), frameEnd: from.ReadInt64());
    }

    /// <summary>How long a record with this name can be.</summary>
    public static bool HasRoomFor(string output) => NameBytes.Count(output) + 128 <= MaxRecordBytes;

    // As BinaryWriter writes a string, but with the bytes that the name has.
    private static void WriteName(BinaryWriter to, string name)
    {
        byte[] bytes = NameBytes.Of(name);
        to.Write7BitEncodedInt(bytes.Length);
        to.Write(bytes);
    }

    private static ulong HashOf(ReadOnlySpan<byte> block)
    {
        XxHash3 hash = new();
        hash.Append(block[..HashOffset]);
        hash.Append(block[HeaderBytes..]);
        return hash.GetCurrentHashAsUInt64();
    }
}
