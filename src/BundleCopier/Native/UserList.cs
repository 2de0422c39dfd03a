using System.Globalization;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>The users of this machine, as /etc/passwd lists them (passwd(5)).</summary>
internal static class UserList
{
    private const string Path = "/etc/passwd";

    /// <summary>The number of a user; ENOENT where the file does not name the user.</summary>
    public static IoResult Find(string name)
    {
        if (!InputFileOpener.ReadLines(Path).Try(out IReadOnlyList<string>? lines, out Errno error))
            return IoResult.Failed(error);
        foreach (string line in lines)
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && fields[0] == name
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint uid))
            {
                return IoResult.Ok(uid);
            }
        }

        return IoResult.Failed(ENOENT);
    }
}
