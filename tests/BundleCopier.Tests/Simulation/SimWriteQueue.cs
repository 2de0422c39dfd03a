using BundleCopier.Native;

namespace BundleCopier.Tests.Simulation;

/// <summary>Writes one after the other, out of order, and does not take every write that it is given.</summary>
internal sealed class SimWriteQueue(SimKernel kernel) : SimHandle(kernel, "write queue"), IWriteQueue
{
    private int count;

    public void WriteAll(Span<QueuedWrite> writes)
    {
        AssertOpen();
        Kernel.QueuedWrites += writes.Length;
        for (int i = writes.Length - 1; i >= 0; i--)
        {
            if (++count % 7 != 0)
                writes[i].Result = writes[i].Output.Write(writes[i].Source, writes[i].Length, writes[i].Offset);
        }
    }
}
