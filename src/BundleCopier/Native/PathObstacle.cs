using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>Where a path to a directory ends too early: the kernel only says that it does.</summary>
/// <param name="Path">As far as the path goes, with what is missing or in the way.</param>
/// <param name="IsMissing">Nothing is there; otherwise what is there is no directory.</param>
internal readonly record struct PathObstacle(string Path, bool IsMissing)
{
    /// <summary>What is wrong, as a clause.</summary>
    public string Problem => IsMissing ? $"{Path} does not exist, or is a link that leads to nothing" : $"{Path} is not a directory";

    /// <summary>Walks a path that could not be opened as a directory, once more and name by name.</summary>
    /// <param name="kernel">Who is asked.</param>
    /// <param name="path">The path.</param>
    /// <param name="error">Why it could not be opened.</param>
    /// <returns>Null where that was something else, or by now the way is free.</returns>
    public static PathObstacle? Find(IKernel kernel, string path, Errno error)
    {
        if (error.Code != ENOENT && error.Code != ENOTDIR)
            return null;
        string whole = path.TrimEnd('/');
        string above = "";
        for (int end = 0; end < whole.Length;)
        {
            int slash = whole.IndexOf('/', end + 1);
            end = slash < 0 ? whole.Length : slash;
            string reached = whole[..end];
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
