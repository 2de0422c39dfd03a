using System.Globalization;
using System.Text;
using BundleCopier.Model;

namespace BundleCopier.Native;

/// <summary>A mount of this process's namespace (proc_pid_mountinfo(5)).</summary>
/// <param name="Path">Where it is mounted.</param>
/// <param name="IsInMemory">Its files are in memory: no disk or server has to answer.</param>
/// <param name="Id">Its number; see <see cref="Calls.MountOf"/>.</param>
/// <param name="Device">The filesystem. Several mounts may show the same one (bind mounts).</param>
/// <param name="Source">What is mounted, such as <c>/dev/sda1</c>.</param>
internal sealed record MountPoint(
    string Path, bool IsInMemory, ulong Id = 0, string Device = "", string Source = "")
{
    private const string FuseUserKey = "user_id=";

    // A file of procfs may hang alone: a process that is stuck holds the lock of its mappings.
    private static readonly string[] InMemory = ["tmpfs", "ramfs", "hugetlbfs", "devtmpfs", "proc"];

    /// <summary>The user who mounted a filesystem of FUSE (mount.fuse3(8)); null for another one.</summary>
    public uint? FuseUser { get; init; }

    /// <summary>All mounts, the latest last. It asks no filesystem but procfs. Empty where that is not there.</summary>
    public static IReadOnlyList<MountPoint> All() =>
        InputFileOpener.ReadLines("/proc/self/mountinfo", Encoding.Latin1).Try(out IReadOnlyList<string>? lines, out _)
            ? [.. lines.Select(Parse).OfType<MountPoint>()]
            : [];

    /// <summary>
    /// One line, such as <c>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw</c>; null for another text.
    /// </summary>
    /// <param name="line">The line, with one char for each byte (Latin-1).</param>
    internal static MountPoint? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-");
        return separator < 5 || separator + 2 >= fields.Length
            || !ulong.TryParse(fields[0], CultureInfo.InvariantCulture, out ulong id)
            ? null
            : new MountPoint(
                NameBytes.ToText(Encoding.Latin1.GetBytes(Unescape(fields[4]))),
                InMemory.Contains(fields[separator + 1]),
                id,
                fields[2],
                Unescape(fields[separator + 2]))
            {
                FuseUser = fields[separator + 1].StartsWith("fuse", StringComparison.Ordinal)
                    ? UserIn(fields.ElementAtOrDefault(separator + 3) ?? "")
                    : null,
            };
    }

    // The kernel writes it before the options that a server makes up (fs/fuse/inode.c, fuse_show_options).
    private static uint UserIn(string options) =>
        options.Split(',').FirstOrDefault(static o => o.StartsWith(FuseUserKey, StringComparison.Ordinal)) is { } option
            && uint.TryParse(option.AsSpan(FuseUserKey.Length), CultureInfo.InvariantCulture, out uint user)
            ? user
            : FuseOwner.Unknown;

    // A space, a tab, a line feed and a backslash are octal: \040.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), fromBase: 8));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
