using System.Buffers.Binary;
using BundleCopier.Model;

namespace BundleCopier.Elf;

/// <summary>
/// Judges by the ELF headers of a core whether it is whole. Its end tells nothing: when the process that is dumped is
/// killed, the stream ends like one that is complete (measured). The core comes in pieces, in order; the judge keeps
/// less than 1 KiB of it, however many mappings there are. The layout is that of elf(5), as the kernel writes it
/// (fs/binfmt_elf.c). Pure.
/// </summary>
internal sealed class CoreJudge
{
    private const int MaxHeaderBytes = 64; // Elf64_Ehdr
    private const int CoreType = 4; // ET_CORE
    private const int LoadType = 1; // PT_LOAD
    private const int NoteType = 4; // PT_NOTE

    // PN_XNUM: there are more program headers than the field can count.
    private const int ManyHeaders = 0xffff;

    // The kernel allows at most 2^31 mappings (vm.max_map_count).
    private const long MaxProgramHeaders = int.MaxValue;

    private readonly byte[] held = new byte[MaxHeaderBytes];
    private CoreNotes? notes;
    private int heldBytes;
    private long at; // bytes of the core that were given
    private State state = State.Header;
    private bool is64;
    private bool isBigEndian;
    private long headersAt;
    private int entryBytes;
    private long headers; // 0: not known before the first program header
    private long headersSeen;
    private long expectedBytes;
    private long notesAt;
    private long notesEnd;

    private enum State
    {
        Header,
        ProgramHeaders,
        Complete, // all program headers were seen
        Wrong, // it is no core, or its headers contradict themselves
    }

    /// <summary>Takes the next bytes of the core.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken = state switch
            {
                State.Header => Collect(bytes, MaxHeaderBytes, 0),
                State.ProgramHeaders => Collect(bytes, entryBytes, headersAt + (headersSeen * entryBytes)),
                State.Complete => TakeNotes(bytes),
                _ => bytes.Length,
            };
            at += taken;
            bytes = bytes[taken..];
            if (state == State.Header && heldBytes == MaxHeaderBytes)
                ReadHeader();
            else if (state == State.ProgramHeaders && heldBytes == entryBytes)
                ReadProgramHeader();
        }
    }

    /// <summary>What is known of the core, at its end or where it was cut.</summary>
    public CoreVerdict Conclude()
    {
        bool isKnown = state == State.Complete;
        return new CoreVerdict(
            IsWhole: isKnown && at >= expectedBytes,
            IsElf: state != State.Wrong,
            ExpectedBytes: isKnown ? expectedBytes : null,
            notes?.Signal,
            notes?.Pid,
            notes?.Command);
    }

    /// <summary>Keeps what lies in a part of the core, and skips what is before the part.</summary>
    private int Collect(ReadOnlySpan<byte> bytes, int partBytes, long partAt)
    {
        long skip = partAt + heldBytes - at;
        if (skip >= bytes.Length)
            return bytes.Length;
        if (skip < 0)
        {
            state = State.Wrong; // the part lies before what was read already
            return bytes.Length;
        }

        ReadOnlySpan<byte> found = bytes[(int)skip..];
        found = found[..Math.Min(found.Length, partBytes - heldBytes)];
        found.CopyTo(held.AsSpan(heldBytes));
        heldBytes += found.Length;
        return (int)skip + found.Length;
    }

    private int TakeNotes(ReadOnlySpan<byte> bytes)
    {
        if (notes is null || notes.IsDone || at >= notesEnd)
            return bytes.Length;
        if (at < notesAt)
            return (int)Math.Min(bytes.Length, notesAt - at);
        int taken = (int)Math.Min(bytes.Length, notesEnd - at);
        notes.Add(bytes[..taken]);
        return taken;
    }

    private void ReadHeader()
    {
        heldBytes = 0;
        is64 = held[4] == 2;
        isBigEndian = held[5] == 2;
        bool isCore = held.AsSpan(0, 4).SequenceEqual("\u007fELF"u8)
            && held[4] is 1 or 2
            && held[5] is 1 or 2
            && Short(16) == CoreType;
        headersAt = is64 ? Long(32) : Word(28);
        long sectionsAt = is64 ? Long(40) : Word(32);
        int fields = is64 ? 54 : 42; // e_phentsize, e_phnum, e_shentsize, e_shnum
        entryBytes = Short(fields);
        headers = Short(fields + 2);
        long sectionBytes = (long)Short(fields + 4) * Short(fields + 6);
        bool isMany = headers == ManyHeaders;
        if (isMany)
            headers = 0;
        // A header of 32 bits is shorter than what is held, and the program headers may begin right behind it.
        int headerBytes = is64 ? MaxHeaderBytes : 52;
        if (!isCore
            || entryBytes != (is64 ? 56 : 32)
            || headersAt < headerBytes
            || (headers == 0 && !isMany)
            || !TryEnd(headersAt, headers * entryBytes)
            || (sectionsAt != 0 && !TryEnd(sectionsAt, sectionBytes)))
        {
            state = State.Wrong;
            return;
        }

        state = State.ProgramHeaders;
        if (headersAt < MaxHeaderBytes)
        {
            int known = (int)(MaxHeaderBytes - headersAt);
            held.AsSpan((int)headersAt).CopyTo(held);
            heldBytes = known;
        }
    }

    private void ReadProgramHeader()
    {
        heldBytes = 0;
        headersSeen++;
        long offset = is64 ? Long(8) : Word(4);
        long sizeBytes = is64 ? Long(32) : Word(16);
        uint type = Word(0);
        // The notes come first, right behind the program headers. With PN_XNUM the kernel writes the number of headers
        // behind all the data, so the place of the notes has to tell it.
        if (headers == 0)
        {
            headers = type == NoteType && offset > headersAt ? (offset - headersAt) / entryBytes : -1;
            if (headers is < ManyHeaders or > MaxProgramHeaders)
            {
                state = State.Wrong;
                return;
            }
        }

        if (type is LoadType or NoteType && !TryEnd(offset, sizeBytes))
        {
            state = State.Wrong;
            return;
        }

        if (type == NoteType && notes is null)
        {
            notes = new CoreNotes(is64, isBigEndian);
            (notesAt, notesEnd) = (offset, offset + sizeBytes);
        }

        if (headersSeen == headers)
            state = State.Complete;
    }

    /// <summary>A part of the core ends at this place. False for a place that no file has.</summary>
    private bool TryEnd(long offset, long sizeBytes)
    {
        if (offset < 0 || sizeBytes < 0 || offset > SegmentGrid.MaxFileBytes - sizeBytes)
            return false;
        if (sizeBytes > 0)
            expectedBytes = Math.Max(expectedBytes, offset + sizeBytes);
        return true;
    }

    private int Short(int offset) => isBigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(held.AsSpan(offset))
        : BinaryPrimitives.ReadUInt16LittleEndian(held.AsSpan(offset));

    private uint Word(int offset) => isBigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(held.AsSpan(offset))
        : BinaryPrimitives.ReadUInt32LittleEndian(held.AsSpan(offset));

    // Negative from 2^63 on.
    private long Long(int offset) => isBigEndian
        ? BinaryPrimitives.ReadInt64BigEndian(held.AsSpan(offset))
        : BinaryPrimitives.ReadInt64LittleEndian(held.AsSpan(offset));
}

/// <summary>What the headers and the notes of a core say.</summary>
/// <param name="IsWhole">All that the headers name was read.</param>
/// <param name="IsElf">False where it is certainly no ELF core.</param>
/// <param name="ExpectedBytes">The size that the headers give; null where they are not all there.</param>
/// <param name="Signal">The signal that ended the process; null where the core does not tell.</param>
/// <param name="Pid">The process, as its PID namespace counts it; null where the core does not tell.</param>
/// <param name="Command">The name of the program, at most 15 bytes; null where the core does not tell.</param>
internal sealed record CoreVerdict(
    bool IsWhole, bool IsElf, long? ExpectedBytes, int? Signal, int? Pid, string? Command);
