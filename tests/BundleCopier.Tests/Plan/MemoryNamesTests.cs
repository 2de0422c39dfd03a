using System.Text;
using BundleCopier.Manifest;
using BundleCopier.Native;
using BundleCopier.Plan;
using Xunit;

namespace BundleCopier.Tests.Plan;

/// <summary>The parser of mappings, the names of outputs and the choice of mappings. Pure.</summary>
public sealed class MemoryNamesTests
{
    [Theory]
    [InlineData("7f00-7f01 rw-s 00000000 00:1a 5   /dev/shm/engine.heap", "engine.heap")]
    [InlineData("7f00-7f01 rw-s 00000000 00:1a 5   /dev/shm/engine.heap (deleted)", "engine.heap")]
    [InlineData("7f00-7f01 rw-s 00000000 00:01 5   /memfd:ring (deleted)", "memfd-ring")]
    [InlineData("7f00-7f01 rw-s 00000000 00:01 5   /memfd:a/../b (deleted)", "memfd-a_.._b")]
    [InlineData("7f00-7f01 rw-s 00000000 00:01 5   /memfd:a\\012b (deleted)", "memfd-a\nb")]
    [InlineData("7f00-7f01 rw-s 00000000 00:01 32769 /SYSV0000002a (deleted)", "sysv-0000002a-32769")]
    [InlineData("7f00-7f01 rw-s 00000000 00:01 5   /dev/zero (deleted)", "anon-7f00")]
    [InlineData("7f00-7f01 rw-s 00000000 00:0f 5   /anon_hugepage (deleted)", "anon-7f00")]
    [InlineData("7f00-7f01 rw-s 00000000 00:1a 5   /dev/shm/..", "memory")]
    [InlineData("7f00-7f01 rw-s 00000000 00:1a 5   /", "memory")]
    public void A_mapping_gets_a_name_that_says_what_it_is(string line, string name) =>
        Assert.Equal(name, MemoryNames.LeafOf(Mapping(line)));

    [Theory]
    [InlineData("7f00-7f01 rw-p 00000000 00:1a 5 /dev/shm/private")]
    [InlineData("7f00-7f01 rw-s 00000000 00:00 0")]
    [InlineData("7f00-7f01 rw-s 00000000 00:1a 5")]
    [InlineData("7f01-7f00 rw-s 00000000 00:1a 5 /dev/shm/a")]
    [InlineData("7f00 rw-s 00000000 00:1a 5 /dev/shm/a")]
    [InlineData("")]
    public void Private_memory_and_other_lines_are_no_mapping(string line) =>
        Assert.Null(MapsText.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void A_line_has_its_numbers()
    {
        MemoryMapping mapping = Mapping("7f0c8c000000-7f0c8c021000 r-xs 00042000 103:1ff 4294967297   /x");
        Assert.Equal((0x7f0c8c000000UL, 0x7f0c8c021000UL, "r-xs", 0x42000UL),
            (mapping.Start, mapping.End, mapping.Protection, mapping.Offset));
        // gnu_dev_makedev(0x103, 0x1ff)
        Assert.Equal((0x1103ffUL, 4294967297UL), (mapping.File.Device, mapping.File.Inode));
        Assert.Equal("7f0c8c000000-7f0c8c021000", mapping.Name);
    }

    [Fact]
    public void Files_of_one_name_get_names_of_their_own()
    {
        MemoryNames names = new();
        string[] taken =
        [
            .. new[]
            {
                "10-20 rw-s 0 00:1a 5 /dev/shm/a", "20-30 rw-s 0 00:1b 5 /run/a", "30-40 rw-s 0 00:1c 5 /tmp/a",
                "30-40 rw-s 0 00:1d 5 /x/a",
            }.Select(line => names.Take("7", Mapping(line))),
        ];
        Assert.Equal(["7/a", "7/a-5", "7/a-30", "7/a-30-2"], taken);
    }

    [Fact]
    public void Many_files_at_one_address_get_names_in_linear_work()
    {
        const int Count = 5_000;
        MemoryMapping mapping = Mapping("10-20 rw-s 0 00:01 77 /dev/zero (deleted)");
        MemoryNames names = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        string[] all = [.. Enumerable.Range(0, Count).Select(_ => names.Take("workers", mapping))];
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count * 4096);
        Assert.Equal(Count, all.Distinct().Count());
        Assert.Equal("workers/anon-10-10-2", all[3]);
    }

    [Fact]
    public void A_long_name_is_cut_and_leaves_room()
    {
        string leaf = MemoryNames.LeafOf(Mapping($"10-20 rw-s 0 00:1a 5 /dev/shm/{new string('ü', 120)}"));
        Assert.Equal(new string('ü', 100), leaf);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("memfd-*", null, true)]
    [InlineData("anon-*", null, false)]
    [InlineData(null, "memfd-r*", false)]
    [InlineData("*", "memfd-x", true)]
    [InlineData("/memfd:*", null, true)]
    [InlineData("*", "/memfd:ring*", false)]
    public void Patterns_choose_by_the_name_or_by_the_path(string? include, string? exclude, bool isWanted)
    {
        MemoryChoice choice = new(new ProcessMemory(
            7, include is null ? null : [include], exclude is null ? null : [exclude]));
        Assert.Equal(isWanted, choice.Wants(Mapping("10-20 rw-s 0 00:01 5 /memfd:ring (deleted)")));
    }

    [Fact]
    public void A_line_that_is_too_long_is_passed_over_and_the_next_one_is_read()
    {
        List<MemoryMapping> found = [];
        MapsText maps = new(found.Add);
        maps.Add(Encoding.UTF8.GetBytes($"10-20 rw-s 0 00:1a 5 /{new string('x', 30_000)}\n20-30 rw-s 0 00:1a 6 /b\n"));
        Assert.Equal("/b", Assert.Single(found).File.Path);
    }

    [Theory]
    [InlineData("A=1\0PASSWORD=secret\0", "A\0PASSWORD\0")]
    [InlineData("A=1\0rewritten title\0=x\0B=2", "A\0B\0")]
    [InlineData("", "")]
    public void The_names_of_an_environment_have_no_values(string environment, string names) =>
        Assert.Equal(names, Encoding.UTF8.GetString(FactGatherer.NamesOf(Encoding.UTF8.GetBytes(environment))));

    [Fact]
    public void Names_are_claimed_like_paths()
    {
        NameClaims claims = new();
        Assert.True(claims.TryTake("a/b"));
        Assert.False(claims.TryTake("a"));
        Assert.False(claims.TryTake("a/b"));
        Assert.False(claims.TryTake("a/b/c"));
        Assert.True(claims.TryTake("a/c"));
    }

    private static MemoryMapping Mapping(string line) => MapsText.Parse(Encoding.UTF8.GetBytes(line))!.Value;
}
