using BundleCopier.Manifest;
using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Settings;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>
/// Each call of the kernel that a copy makes fails, once and from then on, with each error that the call can have: the
/// receipt is true, or nothing is committed.
/// </summary>
public sealed class CallSiteTests
{
    /// <summary>Copies that together make all calls.</summary>
    public enum Way
    {
        Raw,
        Mapped,
        Compressed,
        ManySmallFiles,
        ThroughThePageCache,
        Cancelled,
        AfterAKilledCopy,
        Replacing,
        Retaining,
        OfAProcess,
    }

    // Errors of the manual pages that a caller with right arguments can meet. ENXIO of lseek(2) and ENOENT of a look at
    // a name are answers and no errors. EINVAL of fsync(2) on a directory means that the filesystem cannot do it.
    private static readonly Dictionary<SimOp, int[]> Errors = new()
    {
        [SimOp.OpenSource] = [EACCES, EPERM, ELOOP, ENOENT, ENOTDIR, EMFILE, ENFILE, ENOMEM, EIO, EAGAIN, ENXIO, ENODEV,
            EOVERFLOW, ENAMETOOLONG, ETXTBSY, ESTALE, EINTR, KernelErrors.NotRegular],
        [SimOp.OpenProcess] = [ESRCH, EACCES, EPERM, EMFILE, ENFILE, ENOMEM],
        [SimOp.ReadProcess] = [ESRCH, ENOENT, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EIO],
        [SimOp.Look] = [EACCES, ELOOP, ENOENT, ENOTDIR, EMFILE, ENFILE, ENOMEM, EIO, ESTALE],
        [SimOp.ListNames] = [EACCES, ELOOP, ENOENT, ENOTDIR, EMFILE, ENFILE, ENOMEM, EIO, ESTALE],
        [SimOp.OpenDirectory] = [EACCES, EPERM, ELOOP, ENOENT, ENOTDIR, EMFILE, ENFILE, ENOMEM, EIO, ESTALE],
        [SimOp.AllocateSlabs] = [ENOMEM, EAGAIN, EPERM, ENFILE],
        [SimOp.LockMemory] = [ENOMEM, EPERM, EAGAIN, EINVAL],
        [SimOp.Status] = [EIO, ENOMEM, EOVERFLOW, ESTALE, EACCES],
        [SimOp.SeekData] = [EIO, EINVAL, EOVERFLOW, ESTALE, EINTR],
        [SimOp.SeekHole] = [EIO, EINVAL, EOVERFLOW, ESTALE, EINTR],
        [SimOp.Read] = [EINTR, EIO, EAGAIN, EINVAL, ENOMEM, ENOBUFS, EPERM, ESTALE, ETIMEDOUT],
        [SimOp.Map] = [ENOMEM, EAGAIN, EACCES, ENODEV, EPERM, ENFILE, EOVERFLOW, EINVAL],
        [SimOp.Lease] = [EAGAIN, EACCES, EINVAL, ENOLCK, ENOMEM],
        [SimOp.CreateDirectory] = [EACCES, EPERM, EEXIST, ENOENT, ENOTDIR, ELOOP, EMLINK, ENAMETOOLONG, ENOSPC, EDQUOT,
            EROFS, EIO, ENOMEM, EMFILE, ENFILE, ESTALE],
        [SimOp.CreateFile] = [EACCES, EPERM, EEXIST, ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ENOSPC, EDQUOT, EROFS, EIO,
            EINVAL, ENOMEM, EMFILE, ENFILE, EOPNOTSUPP, ESTALE, EINTR],
        [SimOp.Probe] = [EACCES, ELOOP, ENOMEM, ENOTDIR, EIO, ESTALE, ENAMETOOLONG],
        [SimOp.Identify] = [EIO, ENOMEM, ESTALE, EACCES, EOVERFLOW],
        [SimOp.Rename] = [EACCES, EPERM, EBUSY, EEXIST, ENOTEMPTY, EINVAL, ENOENT, ENOTDIR, EMLINK, ENOSPC, EDQUOT,
            EROFS, EXDEV, EIO, ENOMEM, ESTALE],
        [SimOp.Exchange] = [EACCES, EPERM, EBUSY, EINVAL, ENOENT, ENOSPC, EDQUOT, EROFS, EIO, ENOMEM, ESTALE],
        [SimOp.Measure] = [EACCES, EIO, ENOENT, EXDEV, ENOMEM, EMFILE, ESTALE],
        [SimOp.OpenFile] = [EACCES, ELOOP, ENOENT, EMFILE, ENFILE, ENOMEM, EIO, ESTALE, KernelErrors.NotRegular],
        [SimOp.RemoveTree] = [EACCES, EPERM, EBUSY, EIO, ENOTEMPTY, EROFS, EXDEV, ENOMEM, EMFILE, ESTALE],
        [SimOp.Lock] = [EAGAIN, EINTR, ENOLCK, EINVAL, EIO, EOPNOTSUPP],
        [SimOp.SyncDirectory] = [EIO, ENOSPC, EDQUOT, EROFS, EINVAL, ESTALE],
        [SimOp.SyncFilesystem] = [EIO, ENOSPC, EDQUOT, ESTALE],
        [SimOp.ProbeOutputIo] = [EIO, EACCES, EPERM, ENOSPC, EROFS, ENOSYS, ENOMEM],
        [SimOp.Write] = [EINTR, EIO, ENOSPC, EDQUOT, EFBIG, EINVAL, EAGAIN, EFAULT, ENOMEM, EPERM, EROFS, EOPNOTSUPP,
            ESTALE, ETIMEDOUT],
        [SimOp.WriteJournal] = [EINTR, EIO, ENOSPC, EDQUOT, EFBIG, EINVAL, EAGAIN, EFAULT, ENOMEM, EPERM, EROFS,
            EOPNOTSUPP, ESTALE, ETIMEDOUT],
        [SimOp.ReadBack] = [EINTR, EIO, EINVAL, EAGAIN, ENOMEM, ESTALE, ETIMEDOUT],
        [SimOp.SetLength] = [EIO, ENOSPC, EDQUOT, EFBIG, EINVAL, EPERM, EROFS, ETXTBSY, ENOMEM, ESTALE],
        [SimOp.Reserve] = [EOPNOTSUPP, ENOSYS, ENOSPC, EDQUOT, EFBIG, EIO, EPERM, EINVAL, ENODEV, ETXTBSY, EROFS],
        [SimOp.PunchHole] = [EOPNOTSUPP, ENOSYS, ENOSPC, EDQUOT, EIO, EPERM, EINVAL, ETXTBSY, EROFS],
        [SimOp.Settle] = [EIO, ENOSPC, EDQUOT, EINVAL, ESPIPE, ENOMEM],
        [SimOp.Sync] = [EIO, ENOSPC, EDQUOT, EINVAL, EROFS, ESTALE],
        [SimOp.CreateProbe] = [EOPNOTSUPP, EACCES, ENOSPC, EMFILE, EIO, EROFS],
        [SimOp.WriteProbe] = [EIO, ENOSPC, EINTR, EDQUOT],
        [SimOp.Spawn] = [EAGAIN, ENOMEM, ENOENT, EACCES, EPERM],
    };

    public static TheoryData<Way> Ways => [.. Enum.GetValues<Way>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Whatever_call_fails_with_whatever_error_the_receipt_is_true(Way way)
    {
        SimFaults made = Run(way, static _ => { });
        (SimOp Op, int Nth, int Errno, bool IsForGood)[] faults =
        [
            .. from op in Enum.GetValues<SimOp>()
               let count = made.CountOf(op)
               where count > 0
               from nth in new[] { 1, 2, (count + 1) / 2, count }.Where(n => n <= count).Distinct()
               from errno in Errors[op]
               from isForGood in errno == EINTR ? new[] { false } : [false, true]
               select (op, nth, errno, isForGood),
        ];
        Assert.NotEmpty(faults);
        List<string> failures = [];
        Parallel.ForEach(faults, fault =>
        {
            try
            {
                Run(way, subject => _ = fault.IsForGood
                    ? subject.FromNth(fault.Op, fault.Nth, fault.Errno)
                    : subject.OnNth(fault.Op, fault.Nth, fault.Errno));
            }
#pragma warning disable CA1031 // Whatever a check throws is told with its fault.
            catch (Exception e)
#pragma warning restore CA1031
            {
                string when = fault.IsForGood ? "and all later ones fail" : "fails";
                lock (failures)
                    failures.Add(
                        $"{fault.Op} number {fault.Nth} {when} with {new Errno(fault.Errno).Name}: {e.Message}\n"
                        + SimRun.LastEvents());
            }
        });
        Assert.True(
            failures.Count == 0,
            $"{failures.Count} of {faults.Length}:\n{string.Join('\n', failures.Take(5))}");
    }

    [Fact]
    public void These_copies_make_every_call_of_the_seam()
    {
        SimOp[] never = [SimOp.CreateNameless]; // for dry runs
        HashSet<SimOp> made = [];
        foreach (Way way in Enum.GetValues<Way>())
        {
            SimFaults faults = Run(way, static _ => { });
            made.UnionWith(Enum.GetValues<SimOp>().Where(op => faults.CountOf(op) > 0));
        }

        Assert.Equal(Enum.GetValues<SimOp>().Except(never).Except(made), []);
        Assert.Equal(Enum.GetValues<SimOp>().Except(never).Except(Errors.Keys), []);
    }

    private static SimFaults Run(Way way, Action<SimFaults> plan)
    {
        SimCase subject = Subject(way);
        plan(subject.Faults);
        BundleCheck.ReceiptIsTrue(SimRun.Of(subject));
        return subject.Faults;
    }

    private static SimCase Subject(Way way)
    {
        SimCase subject = new(4 + (int)way)
        {
            Io = way == Way.ThroughThePageCache ? OutputIo.Bounded : OutputIo.Direct,
            Disk = way switch
            {
                Way.AfterAKilledCopy => AfterKill(),
                Way.Replacing => SimCase.DiskWithBundle(),
                Way.Retaining => Retained(),
                _ => null,
            },
            CancelAt = way == Way.Cancelled ? 60 : -1,
            Settings = new CopySettings
            {
                BudgetBytes = 3 << 20,
                ReaderMode = way == Way.Mapped ? ReadMode.Map : ReadMode.Slab,
                Compression = way == Way.Compressed ? Compression.Lz4 : Compression.None,
                MemoryLock = way == Way.Raw,
                Canary = way == Way.Raw,
                Replace = way == Way.Replacing,
                Retention = way == Way.Retaining
                    ? new RetentionSettings { MaxBundles = 1, PartialMaxAge = TimeSpan.FromDays(1) }
                    : new RetentionSettings(),
            },
        };
        if (way == Way.OfAProcess)
        {
            SimSource memory = new("/proc/7/map_files/1000-2000", SimContent.Dense(4, (1 << 20) + 300));
            subject.Kernel.Add(memory);
            SimMappedProcess process = new();
            process.Texts["status"] = new byte[5000];
            process.Texts["environ"] = "A=1\0"u8.ToArray();
            subject.Kernel.Processes[7] = process.Map(0x1000, memory, "/memfd:heap (deleted)");
            subject.Request(ManifestFile.OfProcess(new ProcessMemory(7)));
            return subject;
        }

        if (way == Way.ManySmallFiles)
        {
            for (int i = 0; i < 70; i++)
                subject.AddFile($"ring-{i}", SimContent.Dense(i, 1 + (i * 97 % 9000)));
            return subject;
        }

        SimPages pages = SimContent.DrawThin(new Random(1), (3 << 20) + 500);
        for (long page = 250; page < 262; page++)
            pages.Put(page, new byte[SimPages.PageBytes]); // zeros that were written
        for (long page = 262; page < 280; page++)
            SimContent.PutData(pages, page, new Random((int)page));
        subject.AddFile("heap", pages);
        subject.AddFile("ring", SimContent.Dense(2, 5000));
        SimSource deep = new("/dev/shm/deep", SimContent.Dense(3, 9000));
        subject.Kernel.Add(deep);
        subject.Request(new ManifestFile(deep.Path) { Name = "deep/er/file" });
        // The pattern has one match.
        subject.Kernel.Add(new SimSource("/dev/shm/x.core", SimContent.Dense(5, 300)));
        subject.Request(new ManifestFile("/dev/shm/*.core"));
        return subject;
    }

    // A bundle to remove, what a killed copy left of another one, and what a killed run left of its removals.
    private static SimFolder Retained()
    {
        SimFolder disk = new();
        SimFolder bundle = new();
        bundle.Add(BundleNames.Files, new SimFolder());
        bundle.Add(BundleNames.Receipt, SimBundles.Receipt("old", SimKernel.Epoch));
        disk.Add("old", bundle);
        SimFolder stale = new() { ModifiedAt = SimKernel.Epoch.AddDays(-2) };
        stale.Add(BundleNames.Files, new SimFolder());
        disk.Add(".other.partial", stale);
        disk.Add(BundleNames.Expired("gone"), new SimFolder());
        return disk;
    }

    private static SimFolder AfterKill()
    {
        SimFolder disk = new();
        SimFolder stale = new();
        stale.Add(BundleNames.Files, new SimFolder());
        stale.Add(BundleNames.Receipt, new SimFile());
        disk.Add($".{SimCase.Bundle}.partial", stale);
        return disk;
    }
}
