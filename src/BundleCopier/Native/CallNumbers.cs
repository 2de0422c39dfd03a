using System.Runtime.InteropServices;

namespace BundleCopier.Native;

/// <summary>
/// Numbers of system calls that differ between architectures, and for which glibc has no function and Tmds.LibC 0.5
/// no number.
/// </summary>
/// <param name="Futex">futex(2)</param>
/// <param name="IoprioSet">ioprio_set(2)</param>
/// <param name="IoprioGet">ioprio_get(2)</param>
internal readonly record struct CallNumbers(int Futex, int IoprioSet, int IoprioGet)
{
    /// <summary>
    /// The numbers of an architecture. Throws for an unknown one: a wrong number would be another system call.
    /// </summary>
    public static CallNumbers Of(Architecture architecture) => architecture switch
    {
        // arch/x86/entry/syscalls/syscall_64.tbl
        Architecture.X64 => new(Futex: 202, IoprioSet: 251, IoprioGet: 252),
        // include/uapi/asm-generic/unistd.h
        Architecture.Arm64 => new(Futex: 98, IoprioSet: 30, IoprioGet: 31),
        _ => throw new PlatformNotSupportedException($"The numbers of system calls on {architecture} are not known."),
    };
}
