using System.Runtime.InteropServices;
using BundleCopier.Model;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class WriteQueueTests
{
    [Fact]
    public void Many_writes_to_many_files_arrive_and_one_that_cannot_says_so()
    {
        const int Files = 300;
        const int Odd = 200;
        DirectoryInfo place = Directory.CreateDirectory(Path.Combine("/var/tmp", $"bundlecopy-test-{Guid.NewGuid():n}"));
        List<IOutputFile> made = [];
        try
        {
            Assert.True(LinuxKernel.Instance.OpenDirectory(place.FullName).Try(out IDirectory? directory, out _));
            Assert.True(LinuxKernel.Instance.AllocateSlabs(2 << 20).Try(out ISlabMemory? memory, out _));
            using (directory)
            using (memory)
            {
                Assert.True(directory.ProbeOutputIo().Try(out DestinationTraits? traits, out _));
                QueuedWrite[] writes = new QueuedWrite[Files];
                for (int i = 0; i < Files; i++)
                {
                    Assert.True(directory.CreateFile($"f{i}", traits.Io).Try(out IOutputFile? file, out _));
                    made.Add(file);
                    Assert.True(file.SetLength(4096).IsOk);
                    nint page = memory.Address + (i * 4096);
                    Marshal.WriteInt32(page, i + 1);
                    // 77 bytes are no block.
                    writes[i] = new QueuedWrite(file, page, i == Odd ? 77 : 4096, 0);
                }

                using IWriteQueue? queue = LinuxKernel.Instance.OpenWriteQueue();
                queue?.WriteAll(writes);
                bool isTaken = queue is not null && traits.Io == OutputIo.Direct;
                for (int i = 0; i < Files; i++)
                {
                    bool isWhole = isTaken && i != Odd;
                    Assert.Equal(isTaken ? isWhole ? IoResult.Ok(4096) : IoResult.Failed(22) : null, writes[i].Result);
                    Assert.Equal(isWhole ? i + 1 : 0, BitConverter.ToInt32(File.ReadAllBytes(Path.Combine(place.FullName, $"f{i}"))));
                }
            }
        }
        finally
        {
            made.ForEach(static f => f.Dispose());
            place.Delete(recursive: true);
        }
    }
}
