using BundleCopier.Govern;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Segments;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Supervise;

/// <summary>A CopyFlow without actors. It keeps the orders, and answers them when the test asks for it.</summary>
internal sealed class FlowFixture : ICrew, IDisposable
{
    private readonly bool overlaps;
    private readonly CopyMemory memory;
    private readonly SourceScout scout;
    private readonly IDirectory directory;

    public FlowFixture(SimCase subject, bool overlaps = false)
    {
        this.overlaps = overlaps;
        Assert.True(
            CopyMemory.Take(subject.Kernel, MemoryPlan.Of(subject.Settings, compresses: false))
            .Try(out CopyMemory? taken, out _));
        memory = taken;
        scout = new SourceScout(subject.Kernel, subject.Settings);
        Assert.True(subject.Kernel.OpenDirectory(SimKernel.DestinationPath).Try(out IDirectory? opened, out _));
        directory = opened;
        IoLimits limits = Governor.For(subject.Settings, memory.Slabs.Capacity, long.MaxValue).Limits;
        Board = new IoBoard(limits, null, 0);
        Flow = new CopyFlow(subject.Manifest, subject.Settings, Board, memory.Slabs, this, subject.Kernel);
        Flow.Start();
    }

    public CopyFlow Flow { get; }

    public IoBoard Board { get; }

    /// <summary>Orders to the scout and the keeper, and jobs in flight.</summary>
    public List<object> Orders { get; } = [];

    /// <summary>The number of segments in each order to a reader.</summary>
    public List<(int Reader, int Segments)> ReaderOrders { get; } = [];

    public CopyResult? Result { get; private set; }

    public bool AreWorkersStopped { get; private set; }

    /// <summary>The reports of writers about the disk.</summary>
    public bool RanDry { get; set; }

    public int InFlight => memory.Slabs.InFlight;

    public int Capacity => memory.Slabs.Capacity;

    public bool IsTraced => true;

    public IEnumerable<SegmentJob> Jobs => Orders.OfType<SegmentJob>();

    public void ToScout(object order) => Orders.Add(order);

    public void ToKeeper(object order) => Orders.Add(order);

    public void Read(int reader, SegmentJob[] jobs)
    {
        Assert.False(AreWorkersStopped);
        ReaderOrders.Add((reader, jobs.Length));
        foreach (SegmentJob job in jobs)
        {
            Assert.Equal(reader, job.Route.Reader);
            Assert.Equal(LeaseHolder.Reader, job.Lease.Holder);
            Orders.Add(job);
        }
    }

    public void StopWorkers() => AreWorkersStopped = true;

    public void HurryWriters() => Assert.NotNull(Board.StopCause);

    public void HireWorkers() => AreWorkersStopped = false;

    public void Trace(string step) => Assert.NotEmpty(step);

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

    /// <summary>Answers all orders until there is none.</summary>
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

    /// <summary>A writer reports a job as settled.</summary>
    public WriterProtocol.SegmentsSettled Settle(SegmentJob job, WriteOutcome? outcome = null)
    {
        job.Lease.Runs.Clear();
        job.Lease.Runs.Add(0, Alignment.Bytes);
        job.Read = new SegmentOutcome(job.LengthBytes, Alignment.Bytes, null);
        job.HasBegun = true;
        job.Written = outcome ?? new WriteOutcome(job.LengthBytes, Alignment.Bytes, null);
        job.HandOver(LeaseHolder.Reader, LeaseHolder.Supervisor);
        return new WriterProtocol.SegmentsSettled(job.Route.Writer, [job], RanDry);
    }

    private object AnswerTo(object order)
    {
        switch (order)
        {
            case ScoutProtocol.ListSources ask:
                return new ScoutProtocol.SourcesListed(SourceListing.Of(ask.Manifest, Switched));
            case ScoutProtocol.OpenSource ask:
                Assert.True(scout.Open(ask.File).Try(out OpenedSource? opened, out _));
                return new ScoutProtocol.SourceOpened(opened, SourceScout.Plan(opened, 0));
            case ScoutProtocol.PlanSegments ask:
                return new ScoutProtocol.SegmentsPlanned(
                    ask.Source.Planned.Index, SourceScout.Plan(ask.Source, ask.Position));
            case ScoutProtocol.ReleaseSource ask:
                SourceEnd end = scout.Release(ask.Source);
                return new ScoutProtocol.SourceReleased(ask.Source.Planned.Index, end.IsStable, end.Fault);
            case KeeperProtocol.PrepareBundle:
                return new KeeperProtocol.BundlePrepared(OutputIo.Direct, overlaps, MissingPromises: []);
            case KeeperProtocol.CreateOutput ask:
                Assert.True(directory.CreateFile(ask.File.Name, OutputIo.Direct).Try(out IOutputFile? made, out _));
                return new KeeperProtocol.OutputCreated(ask.File.Index, made);
            case KeeperProtocol.FinishOutput ask:
                ask.Output.Dispose();
                return new KeeperProtocol.OutputFinished(ask.File.Index, 0, 0, null);
            case KeeperProtocol.JournalSegments:
                return KeeperProtocol.SegmentsJournaled.Instance;
            case KeeperProtocol.CommitBundle:
                return new KeeperProtocol.BundleCommitted("/var/crash/b", "b");
            case SegmentJob job:
                return Settle(job);
            default:
                throw new InvalidOperationException($"No answer to {order}.");
        }
    }

    // Listing needs a kernel only for patterns.
    private static IKernel Switched { get; } = new SwitchedKernel();
}
