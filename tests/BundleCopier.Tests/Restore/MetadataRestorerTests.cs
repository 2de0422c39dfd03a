using BundleCopier.Model;
using BundleCopier.Native;
using BundleCopier.Receipt;
using BundleCopier.Restore;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Restore;

/// <summary>What --preserve sets, in which order, and what it never sets.</summary>
public sealed class MetadataRestorerTests
{
    private static readonly SourceMetadata Plain = new()
    {
        Mode = 0x1A0, // 0640
        Uid = 1000,
        Gid = 100,
        ModifiedAt = DateTimeOffset.UnixEpoch.AddSeconds(7.5),
        ModifiedNs = 500_000_001,
        ChangedAt = DateTimeOffset.UnixEpoch,
    };

    private readonly Recorder output = new();

    [Fact]
    public void The_owner_comes_before_the_mode_and_the_time_comes_last()
    {
        Assert.Empty(Apply(With(("user.a", [1]), ("system.posix_acl_access", [2]))));
        Assert.Equal(
            [
                "owner 1000:100", "xattr user.a", "xattr system.posix_acl_access", "mode 640", "time 7.500000001",
            ],
            output.Calls);
    }

    [Fact]
    public void Without_nanoseconds_the_time_is_that_of_the_receipt()
    {
        Assert.Empty(Apply(Plain with { ModifiedNs = null }));
        Assert.Equal("time 7.500000000", output.Calls[^1]);
    }

    [Fact]
    public void Bits_that_give_rights_are_never_set_and_that_is_said()
    {
        Assert.Equal(
            ["mode: set-user-ID, set-group-ID and sticky bits are never restored"],
            Apply(Plain with { Mode = 0xFED, Uid = 0, Gid = 0 }));
        Assert.Contains("mode 755", output.Calls);
    }

    [Fact]
    public void Attributes_that_give_rights_are_never_set_and_that_is_said()
    {
        IReadOnlyList<string> lost = Apply(
            With(("security.capability", [1]), ("trusted.x", [1]), ("security.selinux", [1]), ("user.a", [1])));
        Assert.Equal(2, lost.Count);
        Assert.All(lost, static l => Assert.Contains("never restored", l, StringComparison.Ordinal));
        Assert.Equal(["xattr user.a"], output.Calls.Where(static c => c.StartsWith("xattr", StringComparison.Ordinal)));
    }

    [Fact]
    public void Another_group_does_not_get_the_rights_of_the_group()
    {
        output.Refuse = static call => call.StartsWith("owner", StringComparison.Ordinal) ? EPERM : 0;
        IReadOnlyList<string> lost = Apply(With(("system.posix_acl_access", [2])));
        Assert.Equal(
            [
                "owner 1000:100: EPERM", "attribute system.posix_acl_access: it counts for another owner",
                "mode: without its group, the group's rights are left out",
            ],
            lost);
        Assert.Equal(["owner 1000:100", "owner -:100", "mode 600", "time 7.500000001"], output.Calls);
    }

    [Fact]
    public void A_user_can_keep_a_group_without_the_owner()
    {
        output.Refuse = static call => call == "owner 1000:100" ? EPERM : 0;
        Assert.Equal(["owner 1000:100: EPERM"], Apply(Plain));
        Assert.Contains("mode 640", output.Calls);
    }

    [Theory]
    [InlineData(uint.MaxValue, 100u)]
    [InlineData(1000u, uint.MaxValue)]
    public void The_number_that_chown_takes_for_no_change_is_no_owner(uint uid, uint gid)
    {
        IReadOnlyList<string> lost = Apply(Plain with { Uid = uid, Gid = gid });
        Assert.Contains($"owner {uid}:{gid}: EINVAL", lost);
        Assert.DoesNotContain(output.Calls, static c => c.StartsWith("owner", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_filesystem_refuses_and_what_the_receipt_does_not_have_is_said()
    {
        output.Refuse = static _ => EOPNOTSUPP;
        IReadOnlyList<string> lost =
            Apply(With(("user.a", [1])) with { XattrsOmitted = new OmittedXattrs(["user.b"], 3) });
        foreach (string what in (string[])["owner 1000:100", "attribute user.a", "mode", "time"])
            Assert.Contains($"{what}: EOPNOTSUPP", lost);
        Assert.Contains("3 more attributes are not in the receipt", lost);
        Assert.Single(Apply(null));
    }

    private static SourceMetadata With(params (string Name, byte[] Value)[] xattrs) => Plain with
    {
        Xattrs = xattrs.ToDictionary(static x => x.Name, static x => (ReadOnlyMemory<byte>)x.Value),
    };

    private IReadOnlyList<string> Apply(SourceMetadata? metadata) => MetadataRestorer.Apply(output, metadata);

    /// <summary>Notes the calls, and does nothing.</summary>
    private sealed class Recorder : IOutputFile
    {
        public List<string> Calls { get; } = [];

        public Func<string, int> Refuse { get; set; } = static _ => 0;

        public OutputIo Io => OutputIo.Direct;

        public IoResult SetOwner(uint? uid, uint gid) => Note($"owner {(uid is { } set ? $"{set}" : "-")}:{gid}");

        public IoResult SetMode(int mode) => Note($"mode {Convert.ToString(mode, 8)}");

        public IoResult SetXattr(string name, ReadOnlySpan<byte> value) => Note($"xattr {name}");

        public IoResult SetModified(Timestamp time) => Note($"time {time.Seconds}.{time.Nanoseconds:000000000}");

        public IoResult Write(nint source, int length, long offset) => throw new NotSupportedException();

        public IoResult Read(nint destination, int length, long offset) => throw new NotSupportedException();

        public IoResult SetLength(long sizeBytes) => throw new NotSupportedException();

        public IoResult Reserve(long offset, long length) => throw new NotSupportedException();

        public IoResult PunchHole(long offset, long length) => throw new NotSupportedException();

        public IoResult WriteBack(long offset, long length) => throw new NotSupportedException();

        public IoResult Identify(out FileIdentity identity) => throw new NotSupportedException();

        public bool Holds(long sizeBytes, long allocatedBytes) => throw new NotSupportedException();

        public IoResult Sync() => throw new NotSupportedException();

        public long CachedBytes() => throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing is open.
        }

        private IoResult Note(string call)
        {
            Calls.Add(call);
            return Refuse(call) is var error and not 0 ? IoResult.Failed(error) : IoResult.Done;
        }
    }
}
