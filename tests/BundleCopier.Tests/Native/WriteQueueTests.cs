using System.Runtime.InteropServices;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Native;

public sealed class WriteQueueTests
{
    private const int Block = 4096;

    [KernelFact(Needs.DirectWrites)]
    public void Scattered_writes_in_flight_together_arrive_and_wake_their_thread_and_a_misaligned_one_fails() =>
        OnDisk(static (directory, io, memory) =>
        {
            using IOutputFile output = Create(directory, "f", io, 2 << 20);
            ThreadSignal signal = new();
            using FileHandle? announced = signal.Listen();
            using IWriteQueue queue = LinuxKernel.Instance.OpenWriteQueue(2, signal)!;
            for (int i = 0; i < 4; i++)
                Marshal.WriteInt32(memory + (i * Block), i + 1);
            EndedWrite[] ended = new EndedWrite[2];
            Assert.Equal(0, queue.Collect(ended, wait: false));
            // From the end to the start. 77 bytes are not a whole block.
            Assert.True(
                queue.Add(
                0, output, [new(memory + (2 * Block), Block), new(memory + Block, Block), new(memory, Block)], Block));
            Assert.True(queue.Add(1, output, [new(memory, 77)], 0));
            Assert.Equal(2, queue.Submit());
            List<EndedWrite> all = [];
            while (all.Count < 2)
            {
                signal.Wait();
                all.AddRange(ended.AsSpan(0, queue.Collect(ended, wait: false)));
            }

            Assert.Equal(
                [new(0, IoResult.Ok(3 * Block)), new(1, IoResult.Failed(EINVAL))], all.OrderBy(static e => e.Tag));
            Assert.True(output.Read(memory + (8 * Block), 4 * Block, 0).IsOk);
            Assert.Equal([0, 3, 2, 1], Enumerable.Range(8, 4).Select(i => Marshal.ReadInt32(memory + (i * Block))));
        });

    [KernelFact(Needs.DirectWrites)]
    public void Many_writes_to_many_files_go_to_the_kernel_at_once() => OnDisk(static (directory, io, memory) =>
    {
        const int Files = 128;
        List<IOutputFile> outputs = [];
        try
        {
            using IWriteQueue queue = LinuxKernel.Instance.OpenWriteQueue(Files, signal: null)!;
            for (int i = 0; i < Files; i++)
            {
                outputs.Add(Create(directory, $"f{i}", io, Block));
                Marshal.WriteInt32(memory + (i * Block), i + 1);
                Assert.True(queue.Add(i, outputs[i], [new(memory + (i * Block), Block)], 0));
            }

            Assert.Equal(Files, queue.Submit());
            EndedWrite[] ended = new EndedWrite[Files];
            for (int left = Files; left > 0;)
            {
                int count = queue.Collect(ended, wait: true);
                Assert.All(ended[..count], static e => Assert.Equal(IoResult.Ok(Block), e.Result));
                left -= count;
            }

            for (int i = 0; i < Files; i++)
            {
                Assert.True(outputs[i].Read(memory + (Files * Block), Block, 0).IsOk);
                Assert.Equal(i + 1, Marshal.ReadInt32(memory + (Files * Block)));
            }
        }
        finally
        {
            outputs.ForEach(static output => output.Dispose());
        }
    });

    [KernelFact(Needs.DirectWrites)]
    public void A_queue_that_is_disposed_waits_for_writes_in_flight() => OnDisk(static (directory, io, memory) =>
    {
        using IOutputFile output = Create(directory, "f", io, 2 << 20);
        Marshal.WriteInt32(memory, 7);
        using (IWriteQueue queue = LinuxKernel.Instance.OpenWriteQueue(2, signal: null)!)
        {
            Assert.True(queue.Add(1, output, [new(memory, 256 * Block)], 0));
            Assert.Equal(1, queue.Submit());
        }

        Marshal.WriteInt32(memory, 8);
        Assert.True(output.Read(memory + (256 * Block), Block, 0).IsOk);
        Assert.Equal(7, Marshal.ReadInt32(memory + (256 * Block)));
    });

    [KernelFact(Needs.DirectWrites)]
    public void A_file_that_is_not_written_directly_is_not_taken()
    {
        using Simulation.SegmentFixture desk = new(Simulation.SimContent.Dense(1, Block));
        using IWriteQueue queue = LinuxKernel.Instance.OpenWriteQueue(2, signal: null)!;
        Assert.False(queue.Add(0, desk.Output, [new(desk.Lease.Address, Block)], 0));
    }

    private static IOutputFile Create(IDirectory directory, string name, OutputIo io, long sizeBytes)
    {
        Assert.True(directory.CreateFile(name, io).Try(out IOutputFile? output, out _));
        Assert.True(output.SetLength(sizeBytes).IsOk);
        return output;
    }

    private static void OnDisk(Action<IDirectory, OutputIo, nint> test)
    {
        using Workspace place = new();
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Destination).Try(out IDirectory? directory, out _));
        Assert.True(LinuxKernel.Instance.AllocateSlabs(2 << 20).Try(out ISlabMemory? memory, out _));
        using (directory)
        using (memory)
        {
            Assert.True(directory.ProbeOutputIo().Try(out DestinationTraits? traits, out _));
            test(directory, traits.Io, memory.Address);
        }
    }
}
