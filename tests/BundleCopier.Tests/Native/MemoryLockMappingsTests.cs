using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class MemoryLockMappingsTests
{
    [Fact]
    public void Only_readable_mappings_of_files_with_code_are_loaded() => Assert.Equal(
        [(0x1000, 0x1000), (0x2000, 0x3000), (0x5000, 0x1000), (0x7fff_0000_0000, 0x1000)],
        MemoryLock.CodeMappings(
            [
                "1000-2000 r--p 00000000 fe:00 11 /opt/my program/bundlecopy",
                "2000-5000 r-xp 00001000 fe:00 11 /opt/my program/bundlecopy",
                "5000-6000 rw-p 00004000 fe:00 11 /opt/my program/bundlecopy",
                "6000-7000 ---p 00005000 fe:00 11 /opt/my program/bundlecopy",
                "7000-9000 rw-p 00000000 00:00 0",
                "9000-a000 rw-p 00000000 00:00 0 [heap]",
                "a000-aa000 r--s 00000000 00:1a 12 /dev/shm/engine.heap",
                "b0000-ffff000 r--p 00000000 fe:00 13 /var/lib/index",
                "10000000-50000000 ---p 00000000 00:00 0",
                "7fff00000000-7fff00001000 r-xp 00000000 fe:00 14 /lib/libc.so.6",
                "7fff10000000-7fff10001000 r-xp 00000000 00:00 0 [vdso]",
                "7fff20000000-7fff20001000 r-xs 00000000 00:01 15 /memfd:doublemapper (deleted)",
            ]).Select(m => ((long)m.Start, m.Length)));
}
