using System.Text;
using BundleCopier.Input;
using BundleCopier.Model;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>
/// The file of a page. It is written under another name first, so that half a page never has the name.
/// </summary>
internal sealed class PageFile
{
    private readonly string path;
    private readonly bool mayOverwrite;

    private PageFile(string path, bool mayOverwrite)
    {
        this.path = path;
        this.mayOverwrite = mayOverwrite;
        Directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
    }

    /// <summary>The directory that it is in.</summary>
    public string Directory { get; }

    /// <summary>Why it cannot be written; null where nothing is in its way.</summary>
    public string? Obstacle =>
        System.IO.Directory.Exists(path) ? $"{path} is a directory. Name a file."
        : !System.IO.Directory.Exists(Directory) ? $"{Directory} is not there. Make it, or name another file."
        : File.Exists(path) && !mayOverwrite ? $"{path} exists already. Name another file, or give --force."
        : null;

    /// <summary>Checks the name.</summary>
    public static Result<PageFile, InputError> Plan(string path, bool mayOverwrite)
    {
        if (path.Length == 0)
            return new InputError("--html", "", "it is empty", "Name a file, or - for standard output.");
        // The runtime's files have names in UTF-8.
        return NameBytes.HasRaw(path)
            ? new InputError("--html", "", "the name is not UTF-8", "Give another name, or - for standard output.")
            : new PageFile(path, mayOverwrite);
    }

    /// <summary>Writes the page.</summary>
    /// <returns>What went wrong; null when nothing did.</returns>
    public string? Write(string page)
    {
        string hidden = Path.Combine(Directory, $".bundlecopy-{Guid.NewGuid():N}.html");
        try
        {
            using (FileStream file = new(hidden, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, // a bundle is private, too
            }))
            {
                file.Write(Encoding.UTF8.GetBytes(page));
            }

            File.Move(hidden, path, mayOverwrite);
            return null;
        }
        catch (Exception failed) when (RuntimeFailure.Is(failed))
        {
            try
            {
                File.Delete(hidden);
            }
            catch (Exception left) when (left is IOException or UnauthorizedAccessException)
            {
                // It is there no more, or cannot be removed; the first failure is the one to tell.
            }

            return $"{path} cannot be written: {RuntimeFailure.Of(failed).Name}";
        }
    }
}
