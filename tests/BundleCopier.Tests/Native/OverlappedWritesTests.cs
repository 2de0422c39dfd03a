using System.Runtime.InteropServices;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class OverlappedWritesTests
{
    private const int Block = 4096;

    [Fact]
    public void Writes_under_way_at_once_arrive_from_several_pieces_of_memory_wake_their_thread_and_one_that_cannot_says_so()
    {
        OnDisk((output, memory) =>
        {
            ThreadSignal signal = new();
            using FileHandle? announced = signal.Listen();
            using IOverlappedWrites? writes = LinuxKernel.Instance.OpenOverlappedWrites(2, signal);
            if (writes is null || output.Io != OutputIo.Direct)
                return;
            for (int i = 0; i < 4; i++)
                Marshal.WriteInt32(memory + (i * Block), i + 1);
            EndedWrite[] ended = new EndedWrite[2];
            Assert.Equal(0, writes.Collect(ended, wait: false));
            // From the end to the start, and 77 bytes are no block.
            Assert.True(writes.Begin(0, output, [new(memory + (2 * Block), Block), new(memory + Block, Block), new(memory, Block)], Block));
            Assert.True(writes.Begin(1, output, [new(memory, 77)], 0));
            List<EndedWrite> all = [];
            while (all.Count < 2)
            {
                signal.Wait();
                all.AddRange(ended.AsSpan(0, writes.Collect(ended, wait: false)));
            }

            Assert.Equal([new(0, IoResult.Ok(3 * Block)), new(1, IoResult.Failed(22))], all.OrderBy(e => e.Tag));
            Assert.True(output.Read(memory + (8 * Block), 4 * Block, 0).IsOk);
            Assert.Equal([0, 3, 2, 1], Enumerable.Range(8, 4).Select(i => Marshal.ReadInt32(memory + (i * Block))));
        });
    }

    [Fact]
    public void Whoever_ends_waits_for_what_is_still_under_way()
    {
        OnDisk((output, memory) =>
        {
            Marshal.WriteInt32(memory, 7);
            using (IOverlappedWrites? writes = LinuxKernel.Instance.OpenOverlappedWrites(2, signal: null))
            {
                if (writes is null || output.Io != OutputIo.Direct)
                    return;
                Assert.True(writes.Begin(1, output, [new(memory, 256 * Block)], 0));
            }

            Marshal.WriteInt32(memory, 8);
            Assert.True(output.Read(memory + (256 * Block), Block, 0).IsOk);
            Assert.Equal(7, Marshal.ReadInt32(memory + (256 * Block)));
        });
    }

    private static void OnDisk(Action<IOutputFile, nint> test)
    {
        using Workspace place = new();
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Destination).Try(out IDirectory? directory, out _));
        Assert.True(LinuxKernel.Instance.AllocateSlabs(2 << 20).Try(out ISlabMemory? memory, out _));
        using (directory)
        using (memory)
        {
            Assert.True(directory.ProbeOutputIo().Try(out DestinationTraits? traits, out _));
            Assert.True(directory.CreateFile("f", traits.Io).Try(out IOutputFile? output, out _));
            using (output)
            {
                Assert.True(output.SetLength(2 << 20).IsOk);
                test(output, memory.Address);
            }
        }
    }
}
