using Akka.Actor;
using Akka.TestKit.Xunit2;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Supervise;

/// <summary>The protocol, with real actors and a supervisor that only listens.</summary>
public sealed class CrewActorTests() : TestKit("akka.loglevel = OFF")
{
    [Fact]
    public void A_segment_goes_through_a_reader_and_a_writer_and_its_lease_comes_back_each_time()
    {
        using SimDesk desk = new(SimContent.Dense(1, 1 << 20));
        using WorkerThreads threads = new();
        IActorRef reader = Sys.ActorOf(Produced<ReaderActor>.By(() => new ReaderActor(3, desk.Options, desk.Kernel, threads)));
        reader.Tell(new ReaderProtocol.ReadSegment(11, desk.Opened, 0, ReadMode.Slab, desk.Lease), TestActor);
        ReaderProtocol.SegmentRead read = ExpectMsg<ReaderProtocol.SegmentRead>();
        Assert.Equal((3, 11L, 1 << 20), (read.Reader, read.Ticket, read.Outcome.ValidBytes));
        Assert.Equal(LeaseHolder.Supervisor, desk.Lease.Holder);

        IActorRef writer = Watch(Sys.ActorOf(Produced<WriterActor>.By(() => new WriterActor(4, desk.Options, desk.Kernel, threads))));
        writer.Tell(new WriterProtocol.WriteSegment(12, desk.Opened, desk.Output, 0, desk.Lease, IsRetry: false, Pieces: 2, SegmentGrid.SegmentBytes), TestActor);
        WriterProtocol.SegmentWritten written = ExpectMsg<WriterProtocol.SegmentWritten>();
        Assert.Equal((4, 12L, false), (written.Writer, written.Ticket, written.IsSourceLost));
        Assert.Equal(LeaseHolder.Supervisor, desk.Lease.Holder);
        Assert.Equal(256, desk.Written.Present.Count);
        Sys.Stop(writer);
        ExpectTerminated(writer);
    }

    [Fact]
    public void A_worker_that_dies_answers_nothing_and_its_lease_can_be_reclaimed()
    {
        using SimDesk desk = new(SimContent.Dense(1, 1 << 20));
        using WorkerThreads threads = new();
        desk.Kernel.Faults.ThrowOnNth(SimOp.Read, 1);
        IActorRef parent = Sys.ActorOf(Props.Create(() => new StoppingParent()));
        parent.Tell(Produced<ReaderActor>.By(() => new ReaderActor(0, desk.Options, desk.Kernel, threads)), TestActor);
        IActorRef reader = Watch(ExpectMsg<IActorRef>());
        reader.Tell(new ReaderProtocol.ReadSegment(1, desk.Opened, 0, ReadMode.Slab, desk.Lease), TestActor);
        ExpectTerminated(reader);
        Assert.Equal(LeaseHolder.Reader, desk.Lease.Holder);
        desk.Lease.Reclaim();
    }

    [Fact]
    public void A_scout_closes_what_it_opened_when_it_is_stopped()
    {
        SimKernel kernel = new(new SimFaults(1));
        kernel.Add(new SimSource("/dev/shm/heap", SimContent.Dense(1, 5000)));
        IActorRef scout = Watch(Sys.ActorOf(Produced<ScoutActor>.By(() => new ScoutActor(kernel, new CopySettings()))));
        scout.Tell(new ScoutProtocol.OpenSource(new PlannedFile(0, "/dev/shm/heap", "heap", null)), TestActor);
        Assert.Equal([0L], ExpectMsg<ScoutProtocol.SourceOpened>().Plan.Segments);
        scout.Tell(new ScoutProtocol.OpenSource(new PlannedFile(1, "/dev/shm/gone", "gone", null)), TestActor);
        Assert.Equal(FaultKind.SourceMissing, ExpectMsg<ScoutProtocol.SourceRefused>().Fault.Kind);
        Sys.Stop(scout);
        ExpectTerminated(scout);
        Assert.Empty(kernel.Leaks);
    }

    [Fact]
    public void A_keeper_closes_what_it_made_when_it_is_stopped_and_commits_nothing()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 5000));
        SimKernel kernel = subject.Kernel;
        CopySettings settings = new();
        Assert.True(CopyMemory.Take(kernel, MemoryPlan.Of(settings, compresses: false)).Try(out CopyMemory? memory, out _));
        IActorRef keeper = Watch(Sys.ActorOf(Produced<KeeperActor>.By(() => new KeeperActor(kernel, settings, memory))));
        keeper.Tell(new KeeperProtocol.PrepareBundle(subject.Manifest, 1, 4096), TestActor);
        ExpectMsg<KeeperProtocol.BundlePrepared>();
        keeper.Tell(new KeeperProtocol.CreateOutput(new PlannedFile(0, "/dev/shm/heap", "heap", null), 5000, IsCompressed: false), TestActor);
        IOutputFile output = ExpectMsg<KeeperProtocol.OutputCreated>().Output;
        Assert.Equal(OutputIo.Direct, output.Io);
        Sys.Stop(keeper);
        ExpectTerminated(keeper);
        memory.Dispose();
        Assert.Empty(kernel.Leaks);
        Assert.Equal([$".{SimCase.Bundle}.partial"], kernel.Destination.Children.Keys);
    }

    private sealed class StoppingParent : ReceiveActor
    {
        public StoppingParent() => Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);
    }
}
