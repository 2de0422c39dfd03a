using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>A path that the program will read.</summary>
/// <param name="Path">An absolute path.</param>
/// <param name="IsPattern">Its last component matches many names.</param>
internal sealed record ReadablePath(string Path, bool IsPattern = false);

/// <summary>
/// The directories that a program reads from, for rules of landlock(7): those of its sources, and what the runtime and
/// the C library need. A symbolic link that is followed can lead to any directory, so where a source is one, or could
/// be one, reading is not limited.
/// </summary>
internal sealed class ReadablePlaces : IDisposable
{
    // Directories with more names than this are not searched for links.
    private const int MaxNames = 10_000;

    // A set of rules is for a few directories.
    private const int MaxDirectories = 256;

    // Devices, what the engine reads about the machine and itself, libraries, time zones, descriptions of terminals.
    private static readonly string[] OfTheSystem =
    [
        "/proc", "/sys", "/usr", "/lib", "/lib64", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/kmsg",
        "/dev/tty", "/etc/localtime", "/etc/terminfo", "/etc/passwd", "/etc/nsswitch.conf", "/etc/ld.so.cache",
    ];

    private readonly List<FileHandle> places = [];

    private ReadablePlaces()
    {
    }

    /// <summary>Opened with O_PATH.</summary>
    public IReadOnlyList<FileHandle> Places => places;

    /// <summary>Opens the directories of the paths. A path that cannot be reached is left out.</summary>
    /// <returns>Null where reading cannot be limited.</returns>
    public static ReadablePlaces? Open(IReadOnlyList<ReadablePath> paths)
    {
        ReadablePlaces found = new();
        Dictionary<string, List<ReadablePath>> byDirectory = [];
        foreach (ReadablePath path in paths)
        {
            string parent = PathText.Parent(path.Path);
            if (!byDirectory.TryGetValue(parent, out List<ReadablePath>? inside))
                byDirectory.Add(parent, inside = []);
            inside.Add(path);
        }

        bool isKnown = byDirectory.Count <= MaxDirectories;
        foreach ((string directory, List<ReadablePath> inside) in byDirectory)
            isKnown = isKnown && found.Add(directory, inside);
        if (!isKnown)
        {
            found.Dispose();
            return null;
        }

        foreach (string path in OfTheSystem)
        {
            if (Calls.OpenAt(AT_FDCWD, path, O_PATH).Try(out FileHandle? opened, out _))
                found.places.Add(opened);
        }

        return found;
    }

    public void Dispose()
    {
        foreach (FileHandle place in places)
            place.Dispose();
    }

    private bool Add(string directory, List<ReadablePath> inside)
    {
        if (!PathWalk.Resolve(directory, isParent: true).Try(out PathWalk.Place? place, out _))
            return true;
        using (place)
        {
            // Links in a directory that other users can change are refused.
            if (!place.IsOpenToOthers && MayLead(place.Handle, inside))
                return false;
            if (!Calls.Reopen(place.Handle, O_PATH).Try(out FileHandle? held, out _))
                return false;
            places.Add(held);
            return true;
        }
    }

    // Whether one of the names is a symbolic link.
    private static bool MayLead(FileHandle directory, List<ReadablePath> inside)
    {
        if (!inside.Exists(static path => path.IsPattern))
            return inside.Exists(path => IsLink(directory, PathText.Split(path.Path).Name));
        if (!Calls.Reopen(directory, O_RDONLY | O_DIRECTORY).Try(out FileHandle? listed, out _))
            return false;
        using (listed)
        {
            int names = 0;
            bool mayLead = false;
            IoResult end = DirectoryNames.List(listed, name =>
            {
                mayLead = ++names > MaxNames || IsLink(directory, name);
                return !mayLead;
            });
            return mayLead || !end.IsOk;
        }
    }

    private static bool IsLink(FileHandle directory, string name) =>
        Calls.StatusAt(directory, name, out FileStat status).IsOk && status.IsLink;
}
