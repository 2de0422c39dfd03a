using BundleCopier.Model;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// The part of a path because of which it leads to no directory. The kernel does not tell which part it is.
/// </summary>
/// <param name="Path">The path up to and with the component that is missing or is not a directory.</param>
/// <param name="IsMissing">True when the component does not exist; false when it is not a directory.</param>
internal readonly record struct PathObstacle(string Path, bool IsMissing)
{
    /// <summary>What is wrong, as a clause.</summary>
    public string Problem => IsMissing
        ? $"{Path} does not exist, or is a link that leads to nothing"
        : $"{Path} is not a directory";

    /// <summary>Looks at each component of a path that could not be opened as a directory.</summary>
    /// <param name="kernel">The kernel that could not open it.</param>
    /// <param name="path">The path.</param>
    /// <param name="error">The error with which opening it failed.</param>
    /// <returns>Null when the error has another cause, or when the path leads to a directory by now.</returns>
    public static PathObstacle? Find(IKernel kernel, string path, Errno error)
    {
        if (error.Code != ENOENT && error.Code != ENOTDIR)
            return null;
        string above = "";
        foreach (string reached in PathText.Prefixes(path))
        {
            Errno found = kernel.Probe(reached).Error;
            if (found.Code == ENOENT)
                return new PathObstacle(reached, IsMissing: true);
            if (found.Code == ENOTDIR)
                return new PathObstacle(above, IsMissing: false);
            if (found.IsError)
                return null;
            above = reached;
        }

        return error.Code == ENOTDIR && above.Length > 0 ? new PathObstacle(above, IsMissing: false) : null;
    }
}
