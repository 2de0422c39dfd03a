using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>Without faults everything is copied, for any layout of the sources and any order of the work.</summary>
public sealed class NoFaultTests
{
    [Fact]
    public void The_bundle_equals_the_source_for_every_layout() =>
        Seeds.EachInParallel(1, 500, seed => BundleCheck.Complete(SimRun.Of(SimDraw.WithoutFaults(seed))));

    [Fact]
    public void These_tests_detect_a_lost_write() =>
        Seeds.Each(1, 10, seed =>
        {
            SimCase canary = new(seed);
            canary.AddFile("heap", SimContent.Dense(seed, 3 << 20));
            canary.Faults.LosesWrite = 2;
            // With a queue, a refused later piece of the same segment would cause a second write of the segment.
            canary.Kernel.OverlapsWrites = false;
            Assert.ThrowsAny<Exception>(() => BundleCheck.Complete(SimRun.Of(canary)));
        });

    [Fact]
    public void A_raw_file_of_several_segments_has_a_record_of_them()
    {
        SimCase subject = new(1);
        subject.AddFile("heap", SimContent.Dense(1, 3 << 20));
        subject.AddFile("small", SimContent.Dense(2, 1 << 20));
        SimRun run = SimRun.Of(subject);
        BundleCheck.Complete(run);
        Assert.Equal([0, null], run.Committed.Receipt.Files.Select(static f => f.SegmentChecksumsOffset));
    }

    // EILSEQ: vfat, exFAT, directories that ignore case; EINVAL: NTFS.
    [Theory]
    [InlineData("EILSEQ")]
    [InlineData("EINVAL")]
    public void A_name_that_the_destination_refuses_costs_that_file_alone(string code)
    {
        int errno = code == "EILSEQ" ? EILSEQ : EINVAL;
        SimCase subject = new(1);
        foreach (string name in (string[])["a", "b\udcff", "c"])
            subject.AddFile(name, SimContent.Dense(1, 9000));
        int created = 0;
        subject.Faults.Hook = (op, directory, _) =>
            op == SimOp.CreateFile && directory.EndsWith("/files", StringComparison.Ordinal) && ++created == 2
                ? errno : 0;
        SimRun run = SimRun.Of(subject);
        BundleCheck.ReceiptIsTrue(run);
        Assert.Equal([null, code, null], run.Committed.Receipt.Files.Select(f => f.Error?.Code));
        Assert.Contains("does not take", run.Committed.Receipt.Files[1].Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Writers_overlap_where_they_can_and_wait_where_they_cannot(bool overlaps)
    {
        int most = 0;
        Seeds.Each(1, overlaps ? 40 : 10, seed =>
        {
            if (most == 4)
                return; // few orders have as many in flight as there may be
            SimCase subject = new(seed);
            subject.AddFile("heap", SimContent.Dense(seed, 24 << 20));
            subject.Kernel.OverlapsWrites = overlaps;
            BundleCheck.Complete(SimRun.Of(subject));
            most = Math.Max(most, subject.Kernel.MaxOverlapped);
        });
        Assert.Equal(overlaps ? 4 : 0, most);
    }
}
