using System.Buffers.Binary;
using BundleCopier.Model;

namespace BundleCopier.Elf;

/// <summary>
/// Reads the notes of a core, which come in pieces: the signal, the process and the name of its program. The notes of
/// the thread that has crashed come first (fs/binfmt_elf.c, fill_note_info). Pure; it keeps less than 200 bytes.
/// </summary>
/// <param name="is64">The core is of a process of 64 bits.</param>
/// <param name="isBigEndian">How its numbers are stored.</param>
internal sealed class CoreNotes(bool is64, bool isBigEndian)
{
    private const int HeaderBytes = 12; // Elf64_Nhdr

    // elf.h
    private const uint ThreadStatus = 1; // NT_PRSTATUS
    private const uint ProcessInfo = 3; // NT_PRPSINFO
    private const uint SignalInfo = 0x5349_4749; // NT_SIGINFO

    private const int MaxWantedBytes = 64;
    private const int CommandBytes = 16;

    private readonly byte[] held = new byte[MaxWantedBytes];
    private int heldBytes;
    private int wantedBytes = HeaderBytes;
    private long skipBytes;
    private bool isInNote;
    private uint type;
    private long noteRestBytes; // behind the wanted bytes
    private int? threadId;
    private int? threadSignal;
    private int? signal;
    private int? processId;

    /// <summary>Nothing more is wanted.</summary>
    public bool IsDone => signal is not null && processId is not null;

    /// <summary>The signal that ended the process.</summary>
    public int? Signal => signal ?? threadSignal;

    /// <summary>The process; where only the thread is known, that.</summary>
    public int? Pid => processId ?? threadId;

    /// <summary>The name of the program.</summary>
    public string? Command { get; private set; }

    /// <summary>Takes the next bytes of the notes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsDone)
        {
            int skipped = (int)Math.Min(skipBytes, bytes.Length);
            skipBytes -= skipped;
            bytes = bytes[skipped..];
            int taken = Math.Min(wantedBytes - heldBytes, bytes.Length);
            bytes[..taken].CopyTo(held.AsSpan(heldBytes));
            heldBytes += taken;
            bytes = bytes[taken..];
            if (skipBytes > 0 || heldBytes < wantedBytes)
                continue;
            if (isInNote)
                EndNote();
            else
                BeginNote();
        }
    }

    private void BeginNote()
    {
        long nameBytes = Padded(Word(0));
        long contentBytes = Word(4);
        type = Word(8);
        bool isWanted = type is ThreadStatus or ProcessInfo or SignalInfo;
        wantedBytes = isWanted ? (int)Math.Min(contentBytes, MaxWantedBytes) : 0;
        noteRestBytes = Padded(contentBytes) - wantedBytes;
        (skipBytes, heldBytes, isInNote) = (nameBytes, 0, true);
        if (wantedBytes == 0)
            EndNote(nameBytes);
    }

    private void EndNote(long beforeBytes = 0)
    {
        ReadOnlySpan<byte> content = held.AsSpan(0, heldBytes);
        int pidAt = is64 ? 32 : 24;
        int processAt = is64 ? 24 : 12;
        int commandAt = is64 ? 40 : 28;
        if (type == SignalInfo && content.Length >= sizeof(int))
        {
            signal ??= (int)Word(0);
        }
        else if (type == ThreadStatus && content.Length >= pidAt + sizeof(int))
        {
            threadSignal ??= (int)Word(0);
            threadId ??= (int)Word(pidAt);
        }
        else if (type == ProcessInfo && content.Length >= commandAt + CommandBytes && processId is null)
        {
            processId = (int)Word(processAt);
            ReadOnlySpan<byte> name = content.Slice(commandAt, CommandBytes);
            int end = name.IndexOf((byte)0);
            Command = NameBytes.ToText(end < 0 ? name : name[..end]);
        }

        (skipBytes, heldBytes, wantedBytes, isInNote) = (beforeBytes + noteRestBytes, 0, HeaderBytes, false);
    }

    private static long Padded(long bytes) => (bytes + 3) & -4;

    private uint Word(int offset) => isBigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(held.AsSpan(offset))
        : BinaryPrimitives.ReadUInt32LittleEndian(held.AsSpan(offset));
}
