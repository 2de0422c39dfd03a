using Akka.Actor;
using Akka.TestKit.Xunit2;
using BundleCopier.Actors;
using BundleCopier.Faults;
using BundleCopier.Memory;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Plan;
using BundleCopier.Read;
using BundleCopier.Segments;
using BundleCopier.Settings;
using BundleCopier.Supervise;
using BundleCopier.Tests.Simulation;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Supervise;

/// <summary>The protocol, with real actors and a supervisor that only receives.</summary>
public sealed class CrewActorTests() : TestKit("akka.loglevel = OFF")
{
    [Fact]
    public void A_segment_goes_from_the_reader_to_the_writer_and_the_writer_reports()
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 1 << 20));
        using WorkerThreads threads = new();
        ThreadPlace place = new(desk.Kernel, threads, ownsProcess: true);
        IActorRef parent = Sys.ActorOf(Props.Create(() => new StoppingParent(TestActor)));
        IActorRef writer =
            Watch(Child(parent, () => new WriterActor(
                0, desk.Options, desk.Kernel, desk.Board, place, zeros: null, new CommitRecord(), new CallWatch())));
        IActorRef reader = Child(parent, () => new ReaderActor(
            0, desk.Options, desk.Board, place, [], [writer], new HungSources(desk.Kernel), new CallWatch(),
            static () => 0));
        SegmentJob job = desk.Job();
        job.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        reader.Tell(new ReaderProtocol.ReadSegments([job]), TestActor);
        WriterProtocol.SegmentsSettled settled = ExpectMsg<WriterProtocol.SegmentsSettled>();
        Assert.Equal(0, settled.Writer);
        Assert.Same(job, Assert.Single(settled.Jobs));
        Assert.Equal((1 << 20, 1 << 20), (job.Read.ValidBytes, job.Written.ValidBytes));
        Assert.Equal(LeaseHolder.Supervisor, job.Lease.Holder);
        Assert.Equal(256, desk.Written.Present.Count);
        Sys.Stop(writer);
        ExpectTerminated(writer);
    }

    [Fact]
    public void A_worker_that_meets_a_bug_reports_its_job_and_stops()
    {
        using SegmentFixture desk = new(SimContent.Dense(1, 1 << 20));
        using WorkerThreads threads = new();
        desk.Kernel.Faults.ThrowOnNth(SimOp.Read, 1);
        IActorRef parent = Sys.ActorOf(Props.Create(() => new StoppingParent(TestActor)));
        IActorRef reader = Child(parent, () =>
            new ReaderActor(
                3,
                desk.Options,
                desk.Board,
                new ThreadPlace(desk.Kernel, threads, ownsProcess: true),
                [],
                [TestActor],
                new HungSources(desk.Kernel),
                new CallWatch(),
                static () => 0));
        Akka.TestKit.TestProbe end = CreateTestProbe();
        end.Watch(reader);
        SegmentJob job = desk.Job();
        job.HandOver(LeaseHolder.Supervisor, LeaseHolder.Reader);
        reader.Tell(new ReaderProtocol.ReadSegments([job]), TestActor);
        WorkerFailed failed = ExpectMsg<WorkerFailed>();
        Assert.Equal((WorkerKind.Reader, 3), (failed.Kind, failed.Number));
        Assert.Same(job, failed.InHand);
        Assert.IsType<PlantedBugException>(failed.Bug);
        end.ExpectTerminated(reader);
        Assert.Equal(LeaseHolder.Reader, job.Lease.Holder);
        job.Lease.Reclaim();
    }

    [Fact]
    public void A_scout_closes_what_it_opened_when_it_is_stopped()
    {
        SimKernel kernel = new(new SimFaults(1));
        kernel.Add(new SimSource("/dev/shm/heap", SimContent.Dense(1, 5000)));
        IActorRef scout = Watch(Sys.ActorOf(Produced<ScoutActor>.By(() => new ScoutActor(
            kernel, new CopySettings(), new HungSources(kernel), new CallWatch()))));
        scout.Tell(new ScoutProtocol.OpenSource(new PlannedFile(0, "/dev/shm/heap", "heap", null)), TestActor);
        Assert.Equal([0L], ExpectMsg<ScoutProtocol.SourceOpened>().Plan.Segments);
        scout.Tell(new ScoutProtocol.OpenSource(new PlannedFile(1, "/dev/shm/gone", "gone", null)), TestActor);
        Assert.Equal(FaultKind.SourceMissing, ExpectMsg<ScoutProtocol.SourceRefused>().Fault.Kind);
        Sys.Stop(scout);
        ExpectTerminated(scout);
        Assert.Empty(kernel.Leaks);
    }

    [Fact]
    public void A_listing_that_was_given_up_before_its_first_directory_is_made_once_more()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 5000));
        HungSources hung = new(subject.Kernel);
        HungCall call = new(1, inHand: null, subject: "", static () => { });
        hung.Suspect(call);
        _ = hung.GiveUp(call, "1 s");
        IActorRef scout = Watch(Sys.ActorOf(Produced<ScoutActor>.By(() => new ScoutActor(
            subject.Kernel, new CopySettings(), hung, new CallWatch()))));
        scout.Tell(new ScoutProtocol.ListSources(subject.Manifest), TestActor);
        Assert.Equal(1, ExpectMsg<ScoutProtocol.SourcesListed>().Listing.Value!.Count);
    }

    [Fact]
    public void A_keeper_closes_what_it_made_when_it_is_stopped_and_commits_nothing()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 5000));
        SimKernel kernel = subject.Kernel;
        CopySettings settings = new();
        Assert.True(
            CopyMemory.Take(kernel, MemoryPlan.Of(settings, compresses: false)).Try(out CopyMemory? memory, out _));
        IActorRef keeper =
            Watch(Sys.ActorOf(
            Produced<KeeperActor>.By(
            () => new KeeperActor(
                kernel,
                settings,
                memory.All,
                memory.KeeperSlab,
                memory.Zeros,
                new CommitRecord(),
                CancellationToken.None,
                new CallWatch()))));
        SourceListing listing = SourceListing.Of(subject.Manifest, kernel).Value!;
        keeper.Tell(new KeeperProtocol.PrepareBundle(subject.Manifest, listing), TestActor);
        ExpectMsg<KeeperProtocol.BundlePrepared>();
        keeper.Tell(
            new KeeperProtocol.CreateOutput(
            new PlannedFile(0, "/dev/shm/heap", "heap", null), 5000, IsCompressed: false, default), TestActor);
        IOutputFile output = ExpectMsg<KeeperProtocol.OutputCreated>().Output;
        Assert.Equal(OutputIo.Direct, output.Io);
        Sys.Stop(keeper);
        ExpectTerminated(keeper);
        memory.Dispose();
        Assert.Empty(kernel.Leaks);
        Assert.Equal([$".{SimCase.Bundle}.partial"], kernel.Destination.Children.Keys);
    }

    private IActorRef Child<TActor>(IActorRef parent, Func<TActor> make)
        where TActor : ActorBase
    {
        parent.Tell(Produced<TActor>.By(make), TestActor);
        return ExpectMsg<IActorRef>();
    }

    /// <summary>Forwards the reports of its children.</summary>
    private sealed class StoppingParent : ReceiveActor
    {
        public StoppingParent(IActorRef listener)
        {
            Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));
            ReceiveAny(listener.Forward);
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);
    }
}
