using System.Buffers.Binary;
using BundleCopier.Elf;
using Xunit;

namespace BundleCopier.Tests.Elf;

/// <summary>Where the memory of a process lies in its core.</summary>
public sealed class CoreLayoutTests
{
    private const int LastLengthAt = CoreFile.HeaderBytes + (2 * 56) + 32;

    private readonly byte[] core = new CoreFile { DataBytes = 12 * 1024 }.ToArray();

    private int HeadBytes => core.Length - (12 * 1024);

    [Fact]
    public void The_head_is_known_in_three_steps()
    {
        Assert.Equal(64, CoreLayout.NeededBytes([]));
        Assert.Equal(64 + (3 * 56), CoreLayout.NeededBytes(core.AsSpan(0, 64)));
        Assert.Equal(HeadBytes, CoreLayout.NeededBytes(core.AsSpan(0, 64 + (3 * 56))));
        Assert.Equal(HeadBytes, CoreLayout.NeededBytes(core.AsSpan(0, HeadBytes)));
    }

    [Fact]
    public void A_core_of_32_bits_and_one_with_too_many_mappings_are_read_as_streams()
    {
        Assert.Null(CoreLayout.NeededBytes(new CoreFile { Is64 = false }.ToArray()));
        Assert.Null(CoreLayout.NeededBytes(new CoreFile { Mappings = 70_000 }.ToArray()));
        Assert.Null(CoreLayout.NeededBytes(new byte[64]));
    }

    [Fact]
    public void What_is_left_out_has_no_length_in_the_head()
    {
        CoreLayout whole = CoreLayout.Read(core[..HeadBytes], static (_, _) => false)!;
        Assert.Equal([new CoreArea(HeadBytes, 0, 12 * 1024, IsOfFile: true)], whole.Areas);
        Assert.Equal(core.Length, whole.SizeBytes);
        Assert.Equal(core[..HeadBytes], whole.Head);

        CoreLayout less = CoreLayout.Read(core[..HeadBytes], static (from, to) => (from, to) == (0, 12 * 1024))!;
        Assert.Empty(less.Areas);
        Assert.Equal(HeadBytes, less.SizeBytes);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(less.Head.AsSpan(LastLengthAt)));
    }
}
