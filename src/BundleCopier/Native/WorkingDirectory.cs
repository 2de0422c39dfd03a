using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>Paths that count from the working directory, whose own path need not be UTF-8.</summary>
internal static class WorkingDirectory
{
    private const int MaxPathBytes = 4096; // PATH_MAX

    /// <summary>The absolute path, without "." and "..".</summary>
    public static string FullPath(string path) => Path.GetFullPath(Absolute(path));

    /// <summary>The absolute path.</summary>
    public static string Absolute(string path) => path.StartsWith('/') ? path : Path.Combine(Current(), path);

    // The runtime's own text of it has U+FFFD for bytes that are not UTF-8.
    private static unsafe string Current()
    {
        byte* buffer = stackalloc byte[MaxPathBytes];
        if (getcwd(buffer, MaxPathBytes) == null)
            return Environment.CurrentDirectory;
        ReadOnlySpan<byte> path = new(buffer, MaxPathBytes);
        return NameBytes.ToText(path[..path.IndexOf((byte)0)]);
    }
}
