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
/// What the kernel's headers say for each kind of machine that the program is made for. Tmds.LibC has an assembly for each, and all of them
/// lie beside the tests, so that those of x64 also hold the one that no test here can run.
/// </summary>
public sealed class MachineKindTests
{
    private const string X64 = "linux-x64";
    private const string Arm64 = "linux-arm64";

    // asm-generic/fcntl.h and asm-generic/unistd.h; arch/arm64/include/uapi/asm/fcntl.h swaps two pairs, arch/x86/entry/syscalls/syscall_64.tbl
    // has numbers of its own.
    private static readonly Dictionary<string, (string X64, string Arm64)> Different = new()
    {
        ["O_DIRECT"] = ("16384", "65536"),
        ["O_DIRECTORY"] = ("65536", "16384"),
        ["O_NOFOLLOW"] = ("131072", "32768"),
        ["O_TMPFILE"] = ("4259840", "4210688"), // has O_DIRECTORY in it
        ["SYS_io_destroy"] = ("207", "1"),
        ["SYS_io_getevents"] = ("208", "4"),
        ["SYS_io_setup"] = ("206", "0"),
        ["SYS_io_submit"] = ("209", "2"),
    };

    [Fact]
    public void Of_the_constants_that_the_program_takes_from_the_library_those_differ_that_differ_in_the_headers()
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
    [InlineData(X64, 144, "st_dev 0, st_ino 8, st_mode 24, st_uid 28, st_gid 32, st_size 48, st_blksize 56, st_blocks 64, st_mtim 88, st_ctim 104")]
    [InlineData(Arm64, 128, "st_dev 0, st_ino 8, st_mode 16, st_uid 24, st_gid 28, st_size 48, st_blksize 56, st_blocks 64, st_mtim 88, st_ctim 104")]
    public void The_library_finds_the_fields_of_a_status_where_the_kernel_puts_them(string kind, int sizeBytes, string fields)
    {
        Type status = Library(kind).GetType("Tmds.Linux.stat", throwOnError: true)!;
        Assert.Equal(sizeBytes, Marshal.SizeOf(status));
        Assert.All(fields.Split(", "), field =>
        {
            string[] parts = field.Split(' ');
            Assert.Equal(int.Parse(parts[1], CultureInfo.InvariantCulture), (int)Marshal.OffsetOf(status, parts[0]));
        });
    }

    [Theory]
    [InlineData(Architecture.X64, 202, 251, 252)]
    [InlineData(Architecture.Arm64, 98, 30, 31)]
    public void Calls_that_the_library_does_not_have_have_the_numbers_of_the_headers(Architecture kind, int futex, int ioprioSet, int ioprioGet) =>
        Assert.Equal(new CallNumbers(futex, ioprioSet, ioprioGet), CallNumbers.Of(kind));

    [Fact]
    public void A_kind_of_machine_whose_numbers_are_not_known_is_not_given_those_of_another() =>
        Assert.Throws<PlatformNotSupportedException>(() => CallNumbers.Of(Architecture.Arm));

    // linux/aio_abi.h, asm-generic/statfs.h, linux/resource.h, linux/uio.h: printed by C programs for both kinds, which say the same.
    [Fact]
    public unsafe void Our_own_structs_are_as_large_as_the_kernels_on_both_kinds()
    {
        Assert.Equal((64, 32, 16), (sizeof(ControlBlock), sizeof(IoEvent), sizeof(IoVector)));
        Assert.Equal((120, 144, 16), (sizeof(StatFs), sizeof(RUsage), sizeof(ResourceLimit)));
        Assert.Equal(16, (int)Marshal.OffsetOf<ControlBlock>(nameof(ControlBlock.Opcode)));
        Assert.Equal(40, (int)Marshal.OffsetOf<ControlBlock>(nameof(ControlBlock.Offset)));
        Assert.Equal(60, (int)Marshal.OffsetOf<ControlBlock>(nameof(ControlBlock.EventFd)));
        Assert.Equal(72, (int)Marshal.OffsetOf<StatFs>(nameof(StatFs.FragmentSize)));
        Assert.Equal(72, (int)Marshal.OffsetOf<RUsage>(nameof(RUsage.MajorFaults)));
    }

    // mmap(2) wants offsets that are multiples of the page size; arm64 has kernels with pages of 4, 16 and 64 KiB.
    [Fact]
    public void A_window_onto_a_segment_starts_on_a_page_however_large_pages_are() => Assert.Equal(0, SegmentGrid.SegmentBytes % (64 * 1024));

    private static Assembly Library(string kind) => new AssemblyLoadContext(kind).LoadFromAssemblyPath(
        Path.Combine(AppContext.BaseDirectory, "runtimes", kind, "lib", "netstandard2.0", "Tmds.LibC.dll"));

    private static unsafe string Value(Type library, string name)
    {
        object? value = library.GetProperty(name)!.GetValue(null);
        return value is Pointer pointer ? ((nint)Pointer.Unbox(pointer)).ToString(CultureInfo.InvariantCulture) : $"{value}";
    }

    // They are properties, so that one program can be compiled for all kinds; "errno" is one as well, and no constant.
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
