using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class KeptSlabsTests
{
    [Fact]
    public void Each_copy_gets_a_place_of_its_own_which_is_clean()
    {
        using KeptSlabs kept = new(Memory(4 << 20), places: 2);
        Assert.Null(kept.TryLend((2 << 20) + 1));
        ISlabMemory first = kept.TryLend(2 << 20)!, second = kept.TryLend(1 << 20)!;
        Assert.Equal(2 << 20, Math.Abs(second.Address - first.Address));
        Assert.Null(kept.TryLend(1));
        Bytes(first).Fill(7);
        first.Dispose();
        first.Dispose();
        using ISlabMemory again = kept.TryLend(2 << 20)!;
        Assert.Equal(first.Address, again.Address);
        Assert.False(Bytes(again).ContainsAnyExcept((byte)0));
        Assert.Null(kept.TryLend(1));
        second.Dispose();
    }

    [Fact]
    public void Memory_that_is_lent_outlives_its_owner()
    {
        Watched memory = new(Memory(2 << 20));
        KeptSlabs kept = new(memory);
        ISlabMemory lent = kept.TryLend(1 << 20)!;
        kept.Dispose();
        Assert.False(memory.IsDisposed);
        Assert.Null(kept.TryLend(1));
        lent.Dispose();
        Assert.True(memory.IsDisposed);
    }

    private static ISlabMemory Memory(long sizeBytes)
    {
        Assert.True(LinuxKernel.Instance.AllocateSlabs(sizeBytes).Try(out ISlabMemory? memory, out _));
        return memory!;
    }

    private static unsafe Span<byte> Bytes(ISlabMemory memory) => new((void*)memory.Address, (int)memory.SizeBytes);

    private sealed class Watched(ISlabMemory inner) : ISlabMemory
    {
        public bool IsDisposed { get; private set; }

        public nint Address => inner.Address;

        public long SizeBytes => inner.SizeBytes;

        public void Dispose()
        {
            IsDisposed = true;
            inner.Dispose();
        }
    }
}
