using Akka.TestKit;
using Akka.TestKit.Xunit2;
using BundleCopier.Faults;
using BundleCopier.Model;
using BundleCopier.Receipt;
using BundleCopier.Settings;
using BundleCopier.Tests.Simulation;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Supervise;

/// <summary>
/// The whole crew as actors, on the calling thread: a message is handled before Tell returns, so a test knows the
/// state of each actor.
/// </summary>
public sealed class EngineActorTests() : TestKit(
    // A timer would run on a second thread, while all actors run on one.
    $"akka.loglevel = OFF, akka.scheduler.implementation = \"{typeof(TestScheduler).AssemblyQualifiedName}\"")
{
    private const long Segment = 1 << 20;

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void No_more_leases_than_the_budget_are_out_and_all_come_back(Compression compression)
    {
        SimCase subject = Dense(files: 3, compression);
        CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(Run(subject));
        Assert.Equal(BundleStatus.Complete, committed.Receipt.Status);
        Assert.InRange(committed.Receipt.Resources.PeakInFlightBytes, Segment, 2 * Segment);
        Assert.Empty(subject.Kernel.Leaks);
    }

    [Theory]
    [InlineData(SimOp.Read, Compression.None)]
    [InlineData(SimOp.Read, Compression.Lz4)]
    [InlineData(SimOp.Write, Compression.None)]
    [InlineData(SimOp.Write, Compression.Lz4)]
    public void After_a_reader_or_a_writer_died_a_new_crew_copies_its_segments_and_nothing_is_missing(
        SimOp op, Compression compression)
    {
        SimCase subject = Dense(files: 2, compression);
        subject.Faults.ThrowOnNth(op, 2);
        CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(Run(subject));
        Assert.True(subject.Faults.HasStruck);
        Assert.Equal(BundleStatus.Complete, committed.Receipt.Status);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void A_cancel_in_every_state_ends_with_a_bundle_and_nothing_held(Compression compression)
    {
        int calls = 0;
        SimCase whole = Dense(files: 2, compression);
        Run(whole);
        int last = whole.Kernel.Calls;
        HashSet<BundleStatus> seen = [];
        for (int at = 1; at <= last; at++)
        {
            SimCase subject = Dense(files: 2, compression);
            using CancellationTokenSource stop = new();
            subject.Kernel.At(at, stop.Cancel);
            CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(Run(subject, stop.Token));
            seen.Add(committed.Receipt.Status);
            Assert.True(
                committed.Receipt.Status == BundleStatus.Complete
                || committed.Receipt.Files.Any(f => f.Error?.Code == "CANCELLED"));
            Assert.Empty(subject.Kernel.Leaks);
            calls++;
        }

        Assert.True(calls > 20, $"only {calls} states were met");
        Assert.Contains(BundleStatus.Cancelled, seen);
        Assert.Contains(BundleStatus.Complete, seen);
    }

    [Fact]
    public void Memory_that_cannot_be_allocated_ends_the_copy_before_anything_is_written()
    {
        SimCase subject = Dense(files: 1, Compression.None);
        subject.Faults.OnNth(SimOp.AllocateSlabs, 1, ENOMEM);
        CopyResult.Refused refused = Assert.IsType<CopyResult.Refused>(Run(subject));
        Assert.Equal((RefusalKind.NoMemory, "ENOMEM"), (refused.Refusal.Kind, refused.Refusal.Code));
        Assert.Empty(subject.Kernel.Destination.Children);
        Assert.Equal(0, subject.Faults.CountOf(SimOp.OpenDirectory));
        Assert.Empty(subject.Kernel.Leaks);
    }

    [Fact]
    public void A_supervisor_that_dies_of_a_bug_commits_nothing_and_gives_everything_back()
    {
        SimCase subject = Dense(files: 2, Compression.None);
        // No actor sends this message, so the supervisor throws.
        subject.Kernel.At(40, () => Sys.ActorSelection("/user/*/*").Tell("unknown"));
        CopyResult.Refused refused = Assert.IsType<CopyResult.Refused>(Run(subject));
        Assert.Equal(RefusalKind.Internal, refused.Refusal.Kind);
        Assert.Equal([$".{SimCase.Bundle}.partial"], subject.Kernel.Destination.Children.Keys);
        Assert.Empty(subject.Kernel.Leaks);
    }

    [Fact]
    public void Memory_that_cannot_be_locked_ends_the_copy_before_anything_is_written()
    {
        SimCase subject = Dense(files: 1, Compression.None, isLocked: true);
        subject.Faults.OnNth(SimOp.LockMemory, 1, EPERM);
        CopyResult.Refused refused = Assert.IsType<CopyResult.Refused>(Run(subject));
        Assert.Equal((RefusalKind.NotLocked, "EPERM"), (refused.Refusal.Kind, refused.Refusal.Code));
        Assert.Contains("bundle-copier.memory.lock", refused.Refusal.Message, StringComparison.Ordinal);
        Assert.Empty(subject.Kernel.Destination.Children);
        Assert.Equal(0, subject.Faults.CountOf(SimOp.OpenDirectory));
        Assert.Empty(subject.Kernel.Leaks);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Lz4)]
    public void All_memory_is_taken_at_once_before_anything_else_is_done(Compression compression)
    {
        SimCase subject = Dense(files: 3, compression);
        int takenBefore = -1;
        subject.Kernel.At(2, () => takenBefore = subject.Faults.CountOf(SimOp.AllocateSlabs));
        Assert.IsType<CopyResult.Committed>(Run(subject));
        Assert.Equal(1, takenBefore);
        Assert.Equal(1, subject.Faults.CountOf(SimOp.AllocateSlabs));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_is_locked_once_and_only_where_it_is_asked_for(bool isLocked)
    {
        SimCase subject = Dense(files: 2, Compression.Lz4, isLocked);
        Assert.IsType<CopyResult.Committed>(Run(subject));
        Assert.Equal(isLocked ? 1 : 0, subject.Faults.CountOf(SimOp.LockMemory));
        Assert.Empty(subject.Kernel.Violations);
    }

    [Theory]
    [InlineData(null, -1000)]
    [InlineData(300, 300)]
    public void An_application_that_embeds_the_engine_keeps_its_oom_score_adj_unless_a_setting_changes_it(
        int? wish, int place)
    {
        SimCase subject = Dense(files: 1, Compression.None);
        subject.Settings = subject.Settings with { OomScoreAdj = wish };
        Assert.IsType<CopyResult.Committed>(Run(subject));
        Assert.Equal(place, subject.Kernel.OomScoreAdj);
    }

    [Theory]
    [InlineData(ProcessProtection.Auto, false)]
    [InlineData(ProcessProtection.On, true)]
    public void An_application_that_embeds_the_engine_is_protected_only_when_a_setting_asks_for_it(
        ProcessProtection wish, bool isProtected)
    {
        SimCase subject = Dense(files: 1, Compression.None);
        subject.Settings = subject.Settings with { Protection = wish };
        Assert.IsType<CopyResult.Committed>(Run(subject));
        Assert.Equal(isProtected, subject.Kernel.IsProtected);
    }

    [Theory]
    [InlineData(SimOp.OpenDirectory)] // no destination
    [InlineData(SimOp.SyncDirectory)] // everything copied, and not committed
    public void Progress_never_says_done_where_nothing_was_committed(SimOp failing)
    {
        SimCase subject = Dense(files: 2, Compression.None);
        subject.Faults.Sometimes(failing, 1, EIO);
        Reports reports = new();
        Assert.IsType<CopyResult.Refused>(Run(subject, progress: reports));
        Assert.DoesNotContain(reports.Seen, r => r.Phase == CopyPhase.Done);
    }

    [Fact]
    public void The_last_report_of_a_committed_copy_has_the_phase_done_and_counts_incomplete_files()
    {
        SimCase subject = Dense(files: 3, Compression.None);
        subject.Faults.OnNth(SimOp.OpenSource, 2, EACCES);
        Reports reports = new();
        Assert.IsType<CopyResult.Committed>(Run(subject, progress: reports));
        CopyProgress last = reports.Seen[^1];
        Assert.Equal((CopyPhase.Done, 3, 1, 3), (last.Phase, last.FilesDone, last.FilesIncomplete, last.FilesTotal));
    }

    [Theory]
    [InlineData(true)] // the first of many
    [InlineData(false)] // the last, when the bundle is committed
    public void An_observer_that_throws_gets_no_more_reports_and_the_copy_goes_on(bool isEarly)
    {
        SimCase subject = Dense(files: 2, Compression.None);
        Throwing observer = new();
        if (isEarly)
        {
            // Time passes while the copy is under way.
            foreach (int at in new[] { 20, 40 })
                subject.Kernel.At(at, () => ((TestScheduler)Sys.Scheduler).Advance(subject.Settings.ProgressInterval));
        }

        CopyResult.Committed committed = Assert.IsType<CopyResult.Committed>(Run(subject, progress: observer));
        Assert.Equal(BundleStatus.Complete, committed.Receipt.Status);
        Assert.Equal(isEarly ? CopyPhase.Copying : CopyPhase.Done, Assert.Single(observer.Seen));
        Assert.Empty(subject.Kernel.Leaks);
    }

    [Fact]
    public void An_observer_that_throws_is_mentioned_in_the_log()
    {
        TestProbe log = CreateTestProbe();
        Sys.EventStream.SetLogLevel(Akka.Event.LogLevel.WarningLevel);
        Sys.EventStream.Subscribe(log.Ref, typeof(Akka.Event.Warning));
        Run(Dense(files: 1, Compression.None), progress: new Throwing());
        Akka.Event.Warning warning = log.ExpectMsg<Akka.Event.Warning>();
        Assert.IsType<FormatException>(warning.Cause);
        Assert.Contains("the copy goes on", warning.Message.ToString(), StringComparison.Ordinal);
    }

    private static SimCase Dense(int files, Compression compression, bool isLocked = false)
    {
        SimCase subject =
            new(7)
            {
                Settings =
            new CopySettings { BudgetBytes = 2 * Segment, Compression = compression, MemoryLock = isLocked }
            };
        for (int i = 0; i < files; i++)
            subject.AddFile($"heap-{i}", SimContent.Dense(i + 1, (3 * Segment) + 77));
        return subject;
    }

    private CopyResult Run(SimCase subject, CancellationToken stop = default, IProgress<CopyProgress>? progress = null)
    {
        CopyEngine engine = new(Sys, subject.Kernel, CallingThreadDispatcher.Id, CallingThreadDispatcher.Id);
        Task<CopyResult> copy = engine.CopyAsync(subject.Manifest, subject.Settings, progress, stop);
        Assert.True(SpinWait.SpinUntil(() => copy.IsCompleted, TimeSpan.FromSeconds(30)));
        return copy.Result;
    }

    private sealed class Reports : IProgress<CopyProgress>
    {
        public List<CopyProgress> Seen { get; } = [];

        public void Report(CopyProgress value) => Seen.Add(value);
    }

    private sealed class Throwing : IProgress<CopyProgress>
    {
        public List<CopyPhase> Seen { get; } = [];

        public void Report(CopyProgress value)
        {
            Seen.Add(value.Phase);
            throw new FormatException("a bug of the observer");
        }
    }
}
