using BundleCopier.Memory;
using BundleCopier.Write;
using Xunit;

namespace BundleCopier.Tests.Write;

public sealed class CommitRecordTests
{
    [Fact]
    public void A_copy_that_is_given_up_may_not_name_its_bundle()
    {
        CommitRecord record = new();
        Assert.Equal(PublishState.Open, record.GiveUp());
        Assert.True(record.IsGivenUp);
        Assert.False(record.TryName());
    }

    [Fact]
    public void A_copy_that_is_given_up_during_the_rename_must_take_the_name_back()
    {
        CommitRecord record = new();
        Assert.True(record.TryName());
        Assert.Equal(PublishState.Naming, record.GiveUp());
        Assert.False(record.TryKeepName());
    }

    [Fact]
    public void A_bundle_that_has_its_name_is_not_given_up()
    {
        CommitRecord record = new();
        Assert.True(record.TryName() && record.TryKeepName());
        Assert.Equal(PublishState.Named, record.GiveUp());
        Assert.False(record.IsGivenUp);
    }

    [Fact]
    public void Memory_is_freed_by_the_last_that_may_use_it()
    {
        int freed = 0;
        MemoryHolds holds = new(() => freed++);
        IDisposable held = new CommitRecord(holds).Hold(new MemoryStream());
        holds.Release();
        Assert.Equal(0, freed);
        held.Dispose();
        Assert.Equal(1, freed);
    }
}
