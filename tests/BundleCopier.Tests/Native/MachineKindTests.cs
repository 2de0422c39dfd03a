using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using BundleCopier.Model;
using BundleCopier.Native;
using Xunit;
using static BundleCopier.Native.LibcExtra;

namespace BundleCopier.Tests.Native;

/// <summary>
/// Compares constants and structs with the kernel's headers, for each architecture that the program is built for.
/// Tmds.LibC has an assembly for each, and all are beside the tests, so that a test on x64 can check those of arm64,
/// too.
/// </summary>
public sealed class MachineKindTests
{
    private const string X64 = "linux-x64";
    private const string Arm64 = "linux-arm64";

    // asm-generic/fcntl.h and asm-generic/unistd.h; but arch/arm64/include/uapi/asm/fcntl.h swaps two pairs, and
    // arch/x86/entry/syscalls/syscall_64.tbl has other numbers.
    private static readonly Dictionary<string, (string X64, string Arm64)> Different = new()
    {
        ["O_DIRECT"] = ("16384", "65536"),
        ["O_DIRECTORY"] = ("65536", "16384"),
        ["O_NOFOLLOW"] = ("131072", "32768"),
        ["O_TMPFILE"] = ("4259840", "4210688"), // includes O_DIRECTORY
        ["SYS_io_destroy"] = ("207", "1"),
        ["SYS_io_getevents"] = ("208", "4"),
        ["SYS_io_setup"] = ("206", "0"),
        ["SYS_io_submit"] = ("209", "2"),
    };

    [Fact]
    public void Constants_of_the_library_differ_between_architectures_only_where_the_headers_do()
    {
        Type x64 = Library(X64).GetType("Tmds.Linux.LibC", throwOnError: true)!;
        Type arm64 = Library(Arm64).GetType("Tmds.Linux.LibC", throwOnError: true)!;
        string[] taken = [.. new[] { "BundleCopier.dll", "bundlecopy.dll" }.SelectMany(ConstantsTaken).Distinct()];
        Assert.True(taken.Length > 80, $"Only {taken.Length} were found.");
        Assert.Equal(
            Different.OrderBy(d => d.Key, StringComparer.Ordinal),
            taken.Order(StringComparer.Ordinal)
                .Select(name => KeyValuePair.Create(name, (Value(x64, name), Value(arm64, name))))
                .Where(pair => pair.Value.Item1 != pair.Value.Item2));
    }

    // arch/x86/include/uapi/asm/stat.h, asm-generic/stat.h
    [Theory]
    [InlineData(X64, 144, "st_mode 24, st_uid 28, st_gid 32")]
    [InlineData(Arm64, 128, "st_mode 16, st_uid 24, st_gid 28")]
    public void The_librarys_struct_stat_has_the_kernels_offsets(string kind, int sizeBytes, string different)
    {
        const string Same = "st_dev 0, st_ino 8, st_size 48, st_blksize 56, st_blocks 64, st_mtim 88, st_ctim 104";
        Type status = Library(kind).GetType("Tmds.Linux.stat", throwOnError: true)!;
        Assert.Equal(sizeBytes, Marshal.SizeOf(status));
        Assert.All($"{Same}, {different}".Split(", "), field =>
        {
            string[] parts = field.Split(' ');
            Assert.Equal(int.Parse(parts[1], CultureInfo.InvariantCulture), (int)Marshal.OffsetOf(status, parts[0]));
        });
    }

    [Theory]
    [InlineData(Architecture.X64, 202, 251, 252)]
    [InlineData(Architecture.Arm64, 98, 30, 31)]
    public void Our_own_call_numbers_are_those_of_the_headers(
        Architecture architecture, int futex, int ioprioSet, int ioprioGet) =>
        Assert.Equal(new CallNumbers(futex, ioprioSet, ioprioGet), CallNumbers.Of(architecture));

    [Fact]
    public void An_unknown_architecture_has_no_call_numbers() =>
        Assert.Throws<PlatformNotSupportedException>(() => CallNumbers.Of(Architecture.Arm));

    // linux/aio_abi.h, asm-generic/statfs.h, linux/resource.h, linux/uio.h; printed by a C program, the same on x64
    // and arm64.
    [Fact]
    public unsafe void Our_own_structs_have_the_kernels_sizes_and_offsets()
    {
        Assert.Equal((64, 32, 16), (sizeof(ControlBlock), sizeof(IoEvent), sizeof(IoVector)));
        Assert.Equal((120, 144, 16), (sizeof(StatFs), sizeof(RUsage), sizeof(ResourceLimit)));
        Assert.Equal(16, (int)Marshal.OffsetOf<ControlBlock>(nameof(ControlBlock.Opcode)));
        Assert.Equal(40, (int)Marshal.OffsetOf<ControlBlock>(nameof(ControlBlock.Offset)));
        Assert.Equal(60, (int)Marshal.OffsetOf<ControlBlock>(nameof(ControlBlock.EventFd)));
        Assert.Equal(72, (int)Marshal.OffsetOf<StatFs>(nameof(StatFs.FragmentSize)));
        Assert.Equal(72, (int)Marshal.OffsetOf<RUsage>(nameof(RUsage.MajorFaults)));
    }

    // mmap(2) requires offsets that are multiples of the page size; arm64 has kernels with pages of 4, 16 and 64 KiB.
    [Fact]
    public void A_segment_starts_on_a_page_boundary_for_all_page_sizes() =>
        Assert.Equal(0, SegmentGrid.SegmentBytes % (64 * 1024));

    private static Assembly Library(string kind) => new AssemblyLoadContext(kind).LoadFromAssemblyPath(
        Path.Combine(AppContext.BaseDirectory, "runtimes", kind, "lib", "netstandard2.0", "Tmds.LibC.dll"));

    private static unsafe string Value(Type library, string name)
    {
        object? value = library.GetProperty(name)!.GetValue(null);
        return value is Pointer pointer
            ? ((nint)Pointer.Unbox(pointer)).ToString(CultureInfo.InvariantCulture)
            : $"{value}";
    }

    // The library's constants are properties, so that one program works on all architectures. Its property "errno" is
    // not a constant.
    private static IEnumerable<string> ConstantsTaken(string assembly)
    {
        using PEReader file = new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        MetadataReader metadata = file.GetMetadataReader();
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            string name = metadata.GetString(member.Name);
            if (member.Parent.Kind == HandleKind.TypeReference
                && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == "LibC"
                && name.StartsWith("get_", StringComparison.Ordinal) && char.IsUpper(name[4]))
                yield return name[4..];
        }
    }
}
