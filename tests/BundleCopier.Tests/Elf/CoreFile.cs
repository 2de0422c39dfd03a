using System.Buffers.Binary;
using System.Text;

namespace BundleCopier.Tests.Elf;

/// <summary>A small core as the kernel writes it (fs/binfmt_elf.c): headers, notes, data.</summary>
internal sealed class CoreFile
{
    public const int HeaderBytes = 64;
    public const int Signal = 11;
    public const int Pid = 4711;
    public const string Command = "engine";

    private const int ManyHeaders = 0xffff;

    public bool Is64 { get; init; } = true;

    /// <summary>The number of mappings. Only the last one has data.</summary>
    public int Mappings { get; init; } = 2;

    /// <summary>The place and the size that the last mapping gives; null for those that it has.</summary>
    public (long Offset, long Size)? LastMapping { get; init; }

    public int DataBytes { get; init; } = 4096;

    public byte[] ToArray()
    {
        byte[] notes = Notes();
        int headerBytes = Is64 ? 64 : 52;
        int entryBytes = Is64 ? 56 : 32;
        int count = Mappings + 1;
        int notesAt = headerBytes + (count * entryBytes);
        int dataAt = (notesAt + notes.Length + 4095) & -4096;
        bool isMany = count >= ManyHeaders;
        int sectionAt = dataAt + DataBytes;
        byte[] core = new byte[sectionAt + (isMany ? 64 : 0)];
        "\u007fELF"u8.CopyTo(core);
        (core[4], core[5], core[6]) = ((byte)(Is64 ? 2 : 1), 1, 1);
        Put16(core, 16, 4); // ET_CORE
        PutWord(core, Is64 ? 32 : 28, headerBytes);
        if (isMany)
            PutWord(core, Is64 ? 40 : 32, sectionAt);
        int fields = Is64 ? 54 : 42;
        Put16(core, fields, entryBytes);
        Put16(core, fields + 2, Math.Min(count, ManyHeaders));
        Put16(core, fields + 4, isMany ? 64 : 0);
        Put16(core, fields + 6, isMany ? 1 : 0);
        PutEntry(core, headerBytes, 4, notesAt, notes.Length);
        for (int i = 1; i < count - 1; i++)
            PutEntry(core, headerBytes + (i * entryBytes), 1, dataAt, 0);
        (long offset, long size) = LastMapping ?? (dataAt, DataBytes);
        PutEntry(core, headerBytes + ((count - 1) * entryBytes), 1, offset, size);
        notes.CopyTo(core, notesAt);
        for (int i = 0; i < DataBytes; i++)
            core[dataAt + i] = (byte)(1 + (i % 251));
        return core;
    }

    private byte[] Notes()
    {
        byte[] status = new byte[Is64 ? 336 : 144]; // NT_PRSTATUS
        Put32(status, 0, 6);
        Put32(status, Is64 ? 32 : 24, Pid + 1);
        byte[] info = new byte[Is64 ? 136 : 124]; // NT_PRPSINFO
        Put32(info, Is64 ? 24 : 12, Pid);
        Encoding.ASCII.GetBytes(Command).CopyTo(info, Is64 ? 40 : 28);
        byte[] signal = new byte[128]; // NT_SIGINFO
        Put32(signal, 0, Signal);
        return [.. Note(1, status), .. Note(0x46494c45, new byte[13]), .. Note(3, info), .. Note(0x53494749, signal)];
    }

    private static byte[] Note(int type, byte[] content)
    {
        byte[] note = new byte[20 + ((content.Length + 3) & -4)];
        Put32(note, 0, 5);
        Put32(note, 4, content.Length);
        Put32(note, 8, type);
        "CORE"u8.CopyTo(note.AsSpan(12));
        content.CopyTo(note, 20);
        return note;
    }

    private void PutEntry(byte[] core, int at, int type, long offset, long size)
    {
        Put32(core, at, type);
        PutWord(core, at + (Is64 ? 8 : 4), offset);
        PutWord(core, at + (Is64 ? 32 : 16), size);
    }

    private void PutWord(byte[] core, int at, long value)
    {
        if (Is64)
            BinaryPrimitives.WriteInt64LittleEndian(core.AsSpan(at), value);
        else
            Put32(core, at, (int)value);
    }

    private static void Put16(byte[] core, int at, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(core.AsSpan(at), (ushort)value);

    private static void Put32(byte[] core, int at, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(core.AsSpan(at), value);
}
