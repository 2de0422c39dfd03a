using BundleCopier.Elf;
using Xunit;

namespace BundleCopier.Tests.Elf;

/// <summary>Whether a core is whole shows in its headers, however the core is cut into pieces.</summary>
public sealed class CoreJudgeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(int.MaxValue)]
    public void A_core_is_whole_when_all_that_its_headers_name_was_read(int pieceBytes)
    {
        foreach (bool is64 in (bool[])[true, false])
        {
            byte[] core = new CoreFile { Is64 = is64 }.ToArray();
            CoreVerdict whole = Judge(core, pieceBytes);
            Assert.Equal(
                new CoreVerdict(true, true, core.Length, CoreFile.Signal, CoreFile.Pid, CoreFile.Command), whole);
            CoreVerdict cut = Judge(core[..^1], pieceBytes);
            Assert.Equal(whole with { IsWhole = false }, cut);
        }
    }

    [Fact]
    public void A_core_that_ends_within_its_headers_is_not_whole_and_has_no_size()
    {
        byte[] core = new CoreFile().ToArray();
        for (int length = 0; length < CoreFile.HeaderBytes + (56 * 3); length++)
        {
            CoreVerdict cut = Judge(core[..length], 4096);
            Assert.False(cut.IsWhole);
            Assert.Null(cut.ExpectedBytes);
        }
    }

    [Fact]
    public void More_program_headers_than_the_field_can_count_are_counted_by_the_place_of_the_notes()
    {
        CoreFile file = new() { Mappings = 70_000 };
        byte[] core = file.ToArray();
        CoreVerdict whole = Judge(core, 65536);
        Assert.True(whole.IsWhole);
        Assert.Equal(core.Length, whole.ExpectedBytes);
        Assert.Equal(CoreFile.Pid, whole.Pid);
        Assert.False(Judge(core[..^1], 65536).IsWhole);
    }

    [Fact]
    public void Sizes_near_the_largest_number_do_not_overflow()
    {
        foreach ((long offset, long size) in ((long, long)[])[
            (long.MaxValue, long.MaxValue), (-1, 1), (1, -1), (long.MaxValue - 5, 10), (long.MinValue, long.MinValue)])
        {
            CoreVerdict verdict = Judge(new CoreFile { LastMapping = (offset, size) }.ToArray(), 4096);
            Assert.Equal((false, false, null), (verdict.IsWhole, verdict.IsElf, verdict.ExpectedBytes));
        }

        CoreVerdict large = Judge(new CoreFile { LastMapping = (1L << 62, 4096) }.ToArray(), 4096);
        Assert.Equal((false, true, (1L << 62) + 4096), (large.IsWhole, large.IsElf, large.ExpectedBytes));
    }

    [Fact]
    public void What_is_no_core_is_told()
    {
        Assert.False(Judge(new byte[5000], 4096).IsElf);
        byte[] program = new CoreFile().ToArray();
        program[16] = 2; // ET_EXEC
        Assert.False(Judge(program, 4096).IsElf);
        byte[] none = new CoreFile().ToArray();
        none[56] = 0; // e_phnum
        Assert.False(Judge(none, 4096).IsElf);
    }

    [Fact]
    public void The_judge_allocates_nothing_for_the_bytes_of_a_core()
    {
        byte[] core = new CoreFile { Mappings = 70_000 }.ToArray();
        CoreJudge judge = new();
        judge.Add(core.AsSpan(0, 65536));
        long before = GC.GetAllocatedBytesForCurrentThread();
        judge.Add(core.AsSpan(65536));
        // The runtime itself allocated 7 KB once; a byte for each header would be 70,000.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 10);
        Assert.True(judge.Conclude().IsWhole);
    }

    private static CoreVerdict Judge(byte[] core, int pieceBytes)
    {
        CoreJudge judge = new();
        for (int at = 0; at < core.Length;)
        {
            int length = Math.Min(pieceBytes, core.Length - at);
            judge.Add(core.AsSpan(at, length));
            at += length;
        }

        return judge.Conclude();
    }
}
