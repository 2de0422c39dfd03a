using System.Runtime.InteropServices;
using static BundleCopier.Native.LibcProcess;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Opens a System V segment as a file. It has no descriptor of its own, so it is attached (shmat(2)), found among the
/// mappings of this process, and detached again. Its pages are not touched, so holes stay holes.
/// </summary>
internal static unsafe class SysVSegment
{
    public static IoResult<ISourceFile> Open(int id)
    {
        const nint Refused = -1;
        nint address = shmat(id, null, SHM_RDONLY);
        int error = Marshal.GetLastPInvokeError();
        if (address == Refused)
            return IoResult<ISourceFile>.Failed(error);
        try
        {
            using IProcess? self = LinuxProcess.Open(Environment.ProcessId).Value;
            return self is null ? IoResult<ISourceFile>.Failed(KernelErrors.NoProc) : Open(self, (ulong)address);
        }
        finally
        {
            _ = shmdt((void*)address);
        }
    }

    private static IoResult<ISourceFile> Open(IProcess self, ulong address)
    {
        MemoryMapping? found = null;
        MapsText maps = new(mapping =>
        {
            if (mapping.Start == address)
                found = mapping;
        });
        IoResult read = self.ReadText("maps", piece => maps.Add(piece) && found is null);
        if (!read.IsOk)
            return IoResult<ISourceFile>.Failed(read.Error);
        return found is { } mapping ? self.Open(mapping) : IoResult<ISourceFile>.Failed(ENOENT);
    }
}
