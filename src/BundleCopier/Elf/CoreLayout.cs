using System.Buffers.Binary;
using BundleCopier.Model;

namespace BundleCopier.Elf;

/// <summary>A part of a core: memory of the process.</summary>
/// <param name="Offset">Where it is in the core.</param>
/// <param name="Address">Where it is in the process.</param>
/// <param name="Length">Its length.</param>
/// <param name="IsOfFile">A file is mapped there, so pages that the process has not touched have contents, too.</param>
internal readonly record struct CoreArea(long Offset, ulong Address, long Length, bool IsOfFile)
{
    public long End => Offset + Length;
}

/// <summary>
/// Where the memory of a process lies in its core, by the headers and the notes that the kernel writes first
/// (fs/binfmt_elf.c, elf_core_dump). For cores of 64 bits and little endian. Pure.
/// </summary>
internal sealed class CoreLayout
{
    private const int HeaderBytes = 64; // Elf64_Ehdr
    private const int EntryBytes = 56; // Elf64_Phdr
    private const int NoteHeaderBytes = 12; // Elf64_Nhdr
    private const uint LoadType = 1; // PT_LOAD
    private const uint NoteType = 4; // PT_NOTE
    private const uint FilesType = 0x4649_4c45; // NT_FILE
    private const int ManyHeaders = 0xffff; // PN_XNUM: the number is behind all the data

    private CoreLayout(byte[] head, CoreArea[] areas, long sizeBytes)
    {
        Head = head;
        Areas = areas;
        SizeBytes = sizeBytes;
    }

    /// <summary>What stands before the memory; what is left out has no length there.</summary>
    public byte[] Head { get; }

    /// <summary>The memory, in the order of the core.</summary>
    public IReadOnlyList<CoreArea> Areas { get; }

    /// <summary>The size of the core.</summary>
    public long SizeBytes { get; }

    /// <summary>
    /// How many bytes must be known to tell more: all of the head when it is as many as there are. Null where it is no
    /// core that this understands.
    /// </summary>
    public static long? NeededBytes(ReadOnlySpan<byte> start)
    {
        if (start.Length < HeaderBytes)
            return HeaderBytes;
        int headers = Headers(start);
        ulong headersAt = BinaryPrimitives.ReadUInt64LittleEndian(start[32..]);
        bool isKnown = start[..7].SequenceEqual("\u007fELF\u0002\u0001\u0001"u8)
            && BinaryPrimitives.ReadUInt16LittleEndian(start[16..]) == 4 // ET_CORE
            && BinaryPrimitives.ReadUInt16LittleEndian(start[54..]) == EntryBytes
            && headersAt == HeaderBytes
            && headers is > 0 and < ManyHeaders;
        if (!isKnown)
            return null;
        int headersEnd = HeaderBytes + (headers * EntryBytes);
        if (start.Length < headersEnd)
            return headersEnd;
        // The memory begins behind the notes.
        long notesEnd = headersEnd;
        long? memoryAt = null;
        for (int i = 0; i < headers; i++)
        {
            Entry entry = Entry.Read(start, i);
            if (entry.Offset < headersEnd || entry.Length < 0 || entry.Offset > SegmentGrid.MaxFileBytes - entry.Length)
                return null;
            if (entry.Type == NoteType)
                notesEnd = Math.Max(notesEnd, entry.Offset + entry.Length);
            else if (entry.Type == LoadType)
                memoryAt = Math.Min(memoryAt ?? long.MaxValue, entry.Offset);
        }

        return memoryAt >= notesEnd ? memoryAt : null;
    }

    /// <summary>Reads the head of a core.</summary>
    /// <param name="head">As many bytes as <see cref="NeededBytes"/> tells. It is changed.</param>
    /// <param name="leftOut">Whether an area, by its first and last address, is not wanted.</param>
    /// <returns>Null where its areas overlap.</returns>
    public static CoreLayout? Read(byte[] head, Func<ulong, ulong, bool> leftOut)
    {
        int headers = Headers(head);
        HashSet<ulong>? files = null;
        List<CoreArea> areas = [];
        for (int i = 0; i < headers; i++)
        {
            Entry entry = Entry.Read(head, i);
            if (entry.Type == NoteType && entry.Offset + entry.Length <= head.Length)
                files ??= FilesIn(head.AsSpan((int)entry.Offset, (int)entry.Length));
        }

        for (int i = 0; i < headers; i++)
        {
            Entry entry = Entry.Read(head, i);
            if (entry.Type != LoadType || entry.Length == 0)
                continue;
            if (leftOut(entry.Address, entry.Address + (ulong)entry.Length))
            {
                // With a length in memory and none in the file, a debugger would show zeros.
                head.AsSpan(Entry.PlaceOf(i) + Entry.LengthAt, 2 * sizeof(long)).Clear();
                continue;
            }

            areas.Add(new CoreArea(
                entry.Offset, entry.Address, entry.Length, files?.Contains(entry.Address) ?? true));
        }

        areas.Sort(static (one, other) => one.Offset.CompareTo(other.Offset));
        long end = head.Length;
        foreach (CoreArea area in areas)
        {
            if (area.Offset < end)
                return null;
            end = area.End;
        }

        return new CoreLayout(head, [.. areas], end);
    }

    private static int Headers(ReadOnlySpan<byte> start) => BinaryPrimitives.ReadUInt16LittleEndian(start[56..]);

    /// <summary>The first addresses of mappings of files; null where the notes do not tell.</summary>
    private static HashSet<ulong>? FilesIn(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= NoteHeaderBytes)
        {
            long nameBytes = Padded(BinaryPrimitives.ReadUInt32LittleEndian(notes));
            long contentBytes = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            long end = NoteHeaderBytes + nameBytes + contentBytes;
            if (end > notes.Length)
                return null;
            if (type == FilesType)
                return FirstAddresses(notes[(int)(NoteHeaderBytes + nameBytes)..(int)end]);
            notes = notes[(int)Math.Min(notes.Length, NoteHeaderBytes + nameBytes + Padded(contentBytes))..];
        }

        return null;
    }

    // long count, long page size, and for each mapping: start, end, offset in pages. The names follow.
    private static HashSet<ulong>? FirstAddresses(ReadOnlySpan<byte> content)
    {
        const int WordBytes = sizeof(ulong);
        if (content.Length < 2 * WordBytes)
            return null;
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(content);
        content = content[(2 * WordBytes)..];
        if (count > (ulong)(content.Length / (3 * WordBytes)))
            return null;
        HashSet<ulong> found = [];
        for (int i = 0; i < (int)count; i++)
            found.Add(BinaryPrimitives.ReadUInt64LittleEndian(content[(i * 3 * WordBytes)..]));
        return found;
    }

    private static long Padded(long bytes) => (bytes + 3) & -4;

    /// <summary>A program header.</summary>
    private readonly record struct Entry(uint Type, long Offset, ulong Address, long Length)
    {
        /// <summary>Where its length is in it (p_filesz); that in memory follows (p_memsz).</summary>
        public const int LengthAt = 32;

        public static int PlaceOf(int index) => HeaderBytes + (index * EntryBytes);

        public static Entry Read(ReadOnlySpan<byte> head, int index)
        {
            ReadOnlySpan<byte> text = head.Slice(PlaceOf(index), EntryBytes);
            return new Entry(
                BinaryPrimitives.ReadUInt32LittleEndian(text),
                BinaryPrimitives.ReadInt64LittleEndian(text[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(text[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(text[LengthAt..]));
        }
    }
}
