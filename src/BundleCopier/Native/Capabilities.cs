using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcSecurity;

namespace BundleCopier.Native;

/// <summary>
/// Capabilities (capabilities(7)). A set is a number with one bit for each. Each thread has its own sets, and gives
/// them to the threads that it starts.
/// </summary>
internal static unsafe class Capabilities
{
    // linux/capability.h
    public const ulong Chown = 1UL << 0;
    public const ulong DacOverride = 1UL << 1;
    public const ulong DacReadSearch = 1UL << 2;
    public const ulong Fowner = 1UL << 3;
    public const ulong SetPcap = 1UL << 8;
    public const ulong IpcLock = 1UL << 14;
    public const ulong IpcOwner = 1UL << 15;
    public const ulong SysPtrace = 1UL << 19;
    public const ulong SysNice = 1UL << LibcExtra.CAP_SYS_NICE;
    public const ulong SysResource = 1UL << 24;
    public const ulong Lease = 1UL << 28;
    public const ulong Syslog = 1UL << 34;
    public const ulong CheckpointRestore = 1UL << 40;

    private const int Words = 2;
    private const int MaxNumber = 63;

    /// <summary>What the calling thread may use; 0 where the kernel does not tell.</summary>
    public static ulong Permitted => Get(out _, out ulong permitted).IsOk ? permitted : 0;

    /// <summary>What the calling thread keeps when it executes a program without privileges of its own.</summary>
    public static ulong Ambient
    {
        get
        {
            ulong set = 0;
            for (int number = 0; number <= MaxNumber; number++)
                set |= prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, (nuint)number, 0, 0) == 1 ? 1UL << number : 0;
            return set;
        }
    }

    /// <summary>
    /// Takes from the calling thread, for good, all capabilities that are not in the set. Nothing is ever added.
    /// </summary>
    public static IoResult KeepOnThisThread(ulong kept)
    {
        IoResult result = Get(out ulong effective, out ulong permitted);
        if (!result.IsOk)
            return result;
        // The bounding set: a program that this thread executes as root would get all of it back.
        if ((effective & SetPcap) != 0)
        {
            for (int number = 0; number <= MaxNumber; number++)
            {
                // EINVAL: this kernel does not know the number.
                if ((kept >> number & 1) == 0 && prctl(PR_CAPBSET_DROP, (nuint)number, 0, 0, 0) != 0)
                    break;
            }
        }

        CapabilityHeader header = new() { Version = LinuxCapabilityVersion3 };
        CapabilityWord* words = stackalloc CapabilityWord[Words];
        for (int i = 0; i < Words; i++)
        {
            words[i] = new CapabilityWord
            {
                Effective = (uint)((effective & kept) >> (32 * i)),
                Permitted = (uint)((permitted & kept) >> (32 * i)),
            };
        }

        int set = capset(&header, words);
        int error = Marshal.GetLastPInvokeError();
        return set == 0 ? IoResult.Done : IoResult.Failed(error);
    }

    private static IoResult Get(out ulong effective, out ulong permitted)
    {
        CapabilityHeader header = new() { Version = LinuxCapabilityVersion3 };
        CapabilityWord* words = stackalloc CapabilityWord[Words];
        int result = capget(&header, words);
        int error = Marshal.GetLastPInvokeError();
        effective = words[0].Effective | (ulong)words[1].Effective << 32;
        permitted = words[0].Permitted | (ulong)words[1].Permitted << 32;
        return result == 0 ? IoResult.Done : IoResult.Failed(error);
    }
}
