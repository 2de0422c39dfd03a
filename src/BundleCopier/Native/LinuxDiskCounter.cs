using System.Buffers.Text;
using System.Globalization;

namespace BundleCopier.Native;

/// <summary>The file <c>stat</c> of a block device in sysfs (Documentation/block/stat.rst).</summary>
internal sealed class LinuxDiskCounter : IDiskCounter
{
    // Requests that have ended: writes, discards and flushes. A frozen filesystem still reads.
    private static readonly int[] Counts = [4, 11, 15];

    private readonly ProcFile file;

    private LinuxDiskCounter(ProcFile file) => this.file = file;

    /// <summary>
    /// Opens the counter of a directory's disk; null where there is none, as with NFS, FUSE and overlayfs.
    /// </summary>
    public static IDiskCounter? Of(FileHandle directory)
    {
        if (!Calls.Status(directory, out FileStat status).IsOk)
            return null;
        // btrfs has a device number of its own, without a disk: the mount says which disk it is on.
        string? place = DeviceNumbers(status.Device).Major != 0
            ? $"/sys/dev/block/{NameOf(status.Device)}"
            : DiskOfMount(Calls.MountOf(directory));
        return place is not null && ProcFile.Open($"{place}/stat") is { } file ? new LinuxDiskCounter(file) : null;
    }

    public long? Finished()
    {
        ReadOnlySpan<byte> text = file.Read(stackalloc byte[512]);
        long sum = 0;
        int counted = 0;
        for (int field = 0; ; field++)
        {
            text = text.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(text, out long count, out int used))
                return counted > 0 ? sum : null;
            text = text[used..];
            if (!Counts.AsSpan().Contains(field))
                continue;
            sum += count;
            counted++;
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>A device as mountinfo names it: <c>MAJOR:MINOR</c>.</summary>
    internal static string NameOf(ulong device)
    {
        (uint major, uint minor) = DeviceNumbers(device);
        return string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}");
    }

    /// <summary>The two parts of a device number, as gnu_dev_major(3) and gnu_dev_minor(3) find them.</summary>
    internal static (uint Major, uint Minor) DeviceNumbers(ulong device) => (
        (uint)((device >> 8) & 0xFFF) | (uint)((device >> 32) & 0xFFFFF000),
        (uint)(device & 0xFF) | (uint)((device >> 12) & 0xFFFFFF00));

    private static string? DiskOfMount(ulong id)
    {
        MountPoint? mount = MountPoint.All().FirstOrDefault(one => one.Id == id);
        if (mount?.Source.StartsWith("/dev/", StringComparison.Ordinal) != true)
            return null;
        try
        {
            // Names of the device mapper are links.
            string device = File.ResolveLinkTarget(mount.Source, returnFinalTarget: true)?.FullName ?? mount.Source;
            return $"/sys/class/block/{Path.GetFileName(device)}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
