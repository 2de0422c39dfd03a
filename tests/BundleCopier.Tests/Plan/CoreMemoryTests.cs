using System.Runtime.InteropServices;
using BundleCopier.Elf;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Tests.Elf;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Plan;

/// <summary>A core that is read from the memory of its process.</summary>
public sealed class CoreMemoryTests : IDisposable
{
    private const int PageBytes = 4096;
    private const int Pages = 64;

    private readonly byte[] core = new CoreFile { DataBytes = Pages * PageBytes }.ToArray();
    private readonly FakeMemory memory = new();
    private readonly ISourceFile stream =
        LinuxKernel.Instance.OpenStream(File.OpenHandle("/dev/zero")).Value!;

    private int HeadBytes => core.Length - (Pages * PageBytes);

    public void Dispose() => stream.Dispose();

    [Fact]
    public void Pages_that_the_process_never_touched_are_holes()
    {
        memory.Exists = page => page is 2 or 3 or 40;
        byte[] head = core[..HeadBytes];
        AddFileNote(head);
        using CoreMemory file = Open(isOfFile: false);
        Assert.Equal(core.Length, file.Found.SizeBytes);
        // The first gap is small, so it counts as data.
        Assert.Equal(0, file.SeekData(0).Value);
        Assert.Equal(HeadBytes + (4 * PageBytes), file.SeekHole(0).Value);
        Assert.Equal(HeadBytes + (40 * PageBytes), file.SeekData(HeadBytes + (4 * PageBytes)).Value);
        Assert.Equal(HeadBytes + (41 * PageBytes), file.SeekHole(HeadBytes + (40 * PageBytes)).Value);
        Assert.Equal(ENXIO, file.SeekData(HeadBytes + (41 * PageBytes)).Error.Code);
        byte[] wanted = new byte[4 * PageBytes];
        Array.Fill(wanted, (byte)7, 2 * PageBytes, 2 * PageBytes);
        Assert.Equal(head.Concat(wanted), ReadAll(file, 0, HeadBytes + (4 * PageBytes)));
        Assert.DoesNotContain(0, memory.ReadPages);
    }

    [Fact]
    public void All_pages_of_a_mapped_file_are_read()
    {
        memory.Exists = static _ => false;
        using CoreMemory file = Open(isOfFile: true);
        Assert.Equal(core.Length, file.SeekHole(0).Value);
        Assert.Equal(Enumerable.Repeat((byte)7, Pages * PageBytes), ReadAll(file, HeadBytes, Pages * PageBytes));
    }

    [Fact]
    public void A_page_that_cannot_be_read_is_zeros_and_a_process_that_was_killed_is_an_error()
    {
        using CoreMemory file = Open(isOfFile: true);
        memory.Error = EIO;
        Assert.Equal(new byte[PageBytes], ReadAll(file, HeadBytes, PageBytes));
        memory.Error = 0;
        memory.HasGone = true;
        byte[] buffer = new byte[PageBytes];
        Assert.Equal(ESRCH, Read(file, buffer, HeadBytes).Error.Code);
    }

    private CoreMemory Open(bool isOfFile)
    {
        byte[] head = core[..HeadBytes];
        if (!isOfFile)
            AddFileNote(head);
        return CoreMemory.Open(stream, memory, CoreLayout.Read(head, static (_, _) => false)!)!;
    }

    // The note of mapped files is the second one, and has 13 bytes of content. It gets none of the mappings.
    private static void AddFileNote(byte[] head)
    {
        int at = head.AsSpan().IndexOf("ELIF"u8);
        BitConverter.TryWriteBytes(head.AsSpan(at - 4), 16);
    }

    private static byte[] ReadAll(CoreMemory file, long offset, int length)
    {
        byte[] all = [];
        while (all.Length < length)
        {
            byte[] piece = new byte[length - all.Length];
            IoResult read = Read(file, piece, offset + all.Length);
            Assert.True(read.IsOk, read.Error.Name);
            all = [.. all, .. piece[..(int)read.Value]];
        }

        return all;
    }

    private static IoResult Read(CoreMemory file, byte[] into, long offset)
    {
        GCHandle pinned = GCHandle.Alloc(into, GCHandleType.Pinned);
        IoResult read = file.Read(pinned.AddrOfPinnedObject(), into.Length, offset);
        pinned.Free();
        return read;
    }

    private sealed class FakeMemory : IProcessMemory
    {
        public Func<int, bool> Exists { get; set; } = static _ => true;

        public int Error { get; set; }

        public bool HasGone { get; set; }

        public List<int> ReadPages { get; } = [];

        public IoResult Read(nint destination, int length, ulong address)
        {
            ReadPages.Add((int)(address / PageBytes));
            if (Error != 0)
                return IoResult.Failed(Error);
            if (HasGone)
                return IoResult.Ok(0);
            byte[] bytes = new byte[length];
            Array.Fill(bytes, (byte)7);
            Marshal.Copy(bytes, 0, destination, length);
            return IoResult.Ok(length);
        }

        public IoResult FindPages(ulong address, Span<bool> exists)
        {
            for (int i = 0; i < exists.Length; i++)
                exists[i] = Exists((int)(address / PageBytes) + i);
            return IoResult.Ok(exists.Length);
        }

        public void Dispose()
        {
        }
    }
}
