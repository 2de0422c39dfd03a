using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;

namespace BundleCopier.Tests.Native;

/// <summary>
/// Memory that holds copied bytes is not part of a core dump, also of an application (MADV_DONTDUMP).
/// </summary>
public sealed class DumpTests
{
    [Fact]
    public void Slabs_are_not_dumped()
    {
        Assert.True(LinuxKernel.Instance.AllocateSlabs(4 << 20).Try(out ISlabMemory? slabs, out _));
        using (slabs)
        {
            Assert.Contains("dd", FlagsAt(slabs.Address));
            Assert.Contains("dd", FlagsAt(slabs.Address + (nint)slabs.SizeBytes - 1));
        }
    }

    // core(5): the mapping of a file that has no name is dumped like anonymous memory.
    [KernelFact]
    public void Windows_of_a_source_are_not_dumped()
    {
        using Workspace place = new();
        string path = SourceFile.Dense(place.Source("a"), 1 << 20);
        Assert.True(LinuxKernel.Instance.OpenSource(path).Try(out ISourceFile? source, out _));
        using (source)
        {
            Assert.True(source.Map(0, 1 << 20).Try(out IMappedWindow? window, out _));
            using (window)
                Assert.Contains("dd", FlagsAt(window.Address));
        }
    }

    /// <summary>The flags of the mapping at an address (proc_pid_smaps(5)).</summary>
    private static string[] FlagsAt(nint address)
    {
        bool isHere = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string first = line.Split(' ')[0];
            if (first.Contains('-'))
            {
                ulong[] ends = [.. first.Split('-').Select(static end => Convert.ToUInt64(end, 16))];
                isHere = ends[0] <= (ulong)address && (ulong)address < ends[1];
            }
            else if (isHere && first == "VmFlags:")
            {
                return line.Split(' ');
            }
        }

        return [];
    }
}
