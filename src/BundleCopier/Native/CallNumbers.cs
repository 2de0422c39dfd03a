using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// The numbers of system calls that neither glibc has a function for nor Tmds.LibC 0.5 a number, where kinds of machines differ.
/// </summary>
/// <param name="Futex">futex(2)</param>
/// <param name="IoprioSet">ioprio_set(2)</param>
/// <param name="IoprioGet">ioprio_get(2)</param>
internal readonly record struct CallNumbers(int Futex, int IoprioSet, int IoprioGet)
{
    /// <summary>Those of a kind of machine. One that is not known here gets none: a wrong number is another call.</summary>
    public static CallNumbers Of(Architecture kind) => kind switch
    {
        // arch/x86/entry/syscalls/syscall_64.tbl
        Architecture.X64 => new(Futex: 202, IoprioSet: 251, IoprioGet: 252),
        // include/uapi/asm-generic/unistd.h
        Architecture.Arm64 => new(Futex: 98, IoprioSet: 30, IoprioGet: 31),
        _ => throw new PlatformNotSupportedException($"The numbers of system calls on {kind} are not known."),
    };
}
