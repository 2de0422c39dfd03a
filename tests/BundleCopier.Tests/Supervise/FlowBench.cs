using BundleCopier.Compress;
using BundleCopier.Govern;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Supervise;

/// <summary>A flow without actors: its orders are kept, and answered when a test says so.</summary>
internal sealed class FlowBench : ICrew, IDisposable
{
    private readonly bool overlaps;
    private readonly CopyMemory memory;
    private readonly SourceScout scout;
    private readonly IDirectory directory;

    public FlowBench(SimCase subject, bool overlaps = false)
    {
        this.overlaps = overlaps;
        Assert.True(CopyMemory.Take(subject.Kernel, MemoryPlan.Of(subject.Settings, compresses: false)).Try(out CopyMemory? taken, out _));
        memory = taken;
        scout = new SourceScout(subject.Kernel, subject.Settings);
        Assert.True(subject.Kernel.OpenDirectory(SimKernel.DestinationPath).Try(out IDirectory? opened, out _));
        directory = opened;
        Flow = new CopyFlow(subject.Manifest, subject.Settings, Governor.For(subject.Settings, memory.Slabs.Capacity, long.MaxValue).IoLimits, memory.Slabs, this, subject.Kernel);
        Flow.Start();
    }

    public CopyFlow Flow { get; }

    public List<object> Orders { get; } = [];

    public CopyResult? Result { get; private set; }

    public bool IsDismissed { get; private set; }

    public int InFlight => memory.Slabs.InFlight;

    public int Capacity => memory.Slabs.Capacity;

    public void ToScout(object order) => Orders.Add(order);

    public void ToKeeper(object order) => Orders.Add(order);

    public void ToReader(int reader, ReaderProtocol.ReadSegment order) => Give(reader, order);

    public void ToReader(int reader, ReaderProtocol.ReadBunch order) => Give(reader, order);

    public void ToCompressor(int compressor, CompressorProtocol.CompressSegment order) => Give(compressor, order);

    public void ToWriter(int writer, WriterProtocol.WriteSegment order) => Give(writer, order);

    public void ToWriter(int writer, WriterProtocol.WriteFrame order) => Give(writer, order);

    public void ToGovernor(GovernProtocol.WritesSeen seen) => throw new InvalidOperationException("Nobody here looks at the machine.");

    public void ToWriter(int writer, WriterProtocol.WriteBunch order) => Give(writer, order);

    public void Dismiss() => IsDismissed = true;

    public void WakeAfter(long delayMs) => throw new InvalidOperationException("Nothing here limits the rate.");

    public void Conclude(CopyResult result)
    {
        Assert.Null(Result);
        Result = result;
    }

    public void Answer(int order)
    {
        object asked = Orders[order];
        Orders.RemoveAt(order);
        Flow.Handle(AnswerTo(asked));
    }

    /// <summary>Answers everything until nothing is asked any more.</summary>
    public void AnswerAll(Random random)
    {
        while (Orders.Count > 0)
            Answer(random.Next(Orders.Count));
    }

    public void Dispose()
    {
        memory.Slabs.ReclaimAll();
        memory.Dispose();
        scout.Dispose();
        directory.Dispose();
    }

    private void Give<TOrder>(int worker, TOrder order)
    {
        Assert.False(IsDismissed);
        Orders.Add((worker, order));
    }

    private object AnswerTo(object order)
    {
        switch (order)
        {
            case ScoutProtocol.ListSources ask:
                return new ScoutProtocol.SourcesListed(SourceListing.Of(ask.Manifest, Switched));
            case ScoutProtocol.OpenSource ask:
                OpenedSource opened = scout.Open(ask.File, out _)!;
                return new ScoutProtocol.SourceOpened(opened, SourceScout.Plan(opened, 0));
            case ScoutProtocol.PlanSegments ask:
                return new ScoutProtocol.SegmentsPlanned(ask.Source.Planned.Index, SourceScout.Plan(ask.Source, ask.Position));
            case ScoutProtocol.ReleaseSource ask:
                bool isStable = scout.Release(ask.Source, out BundleCopier.Faults.Fault? fault);
                return new ScoutProtocol.SourceReleased(ask.Source.Planned.Index, isStable, fault);
            case KeeperProtocol.PrepareBundle:
                return new KeeperProtocol.BundlePrepared(OutputIo.Direct, overlaps);
            case KeeperProtocol.CreateOutput ask:
                Assert.True(directory.CreateFile(ask.File.Name, OutputIo.Direct).Try(out IOutputFile? made, out _));
                return new KeeperProtocol.OutputCreated(ask.File.Index, made);
            case KeeperProtocol.FinishOutput ask:
                ask.Output.Dispose();
                return new KeeperProtocol.OutputFinished(ask.File.Index, 0, 0, null);
            case KeeperProtocol.CommitBundle:
                return new KeeperProtocol.BundleCommitted("/var/crash/b");
            case (int reader, ReaderProtocol.ReadSegment ask):
                ask.Lease.Runs.Clear();
                ask.Lease.Runs.Add(0, Alignment.Bytes);
                return new ReaderProtocol.SegmentRead(reader, ask.Ticket, new SegmentOutcome(SegmentGrid.SegmentBytes, Alignment.Bytes, null));
            case (int writer, WriterProtocol.WriteSegment ask):
                return new WriterProtocol.SegmentWritten(writer, ask.Ticket, new SegmentOutcome(SegmentGrid.SegmentBytes, Alignment.Bytes, null), false, 1, 1);
            case (int reader, ReaderProtocol.ReadBunch ask):
                return new ReaderProtocol.BunchRead(reader, ask.Ticket, Array.ConvertAll(ask.Segments, static s =>
                {
                    s.Lease.Runs.Clear();
                    s.Lease.Runs.Add(0, Alignment.Bytes);
                    return new SegmentOutcome(SegmentGrid.SegmentBytes, Alignment.Bytes, null);
                }));
            case (int writer, WriterProtocol.WriteBunch ask):
                return new WriterProtocol.BunchWritten(writer, ask.Ticket, Array.ConvertAll(ask.Segments, static _ => new SegmentOutcome(SegmentGrid.SegmentBytes, Alignment.Bytes, null)));
            default:
                throw new InvalidOperationException($"No answer to {order}.");
        }
    }

    // Only patterns need a kernel for the listing.
    private static IKernel Switched { get; } = new SwitchedKernel();
}
