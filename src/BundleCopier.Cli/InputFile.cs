using BundleCopier.Input;
using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>Reads a file that the user names on the command line, or standard input.</summary>
internal static class InputFile
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <param name="where">The name of the file in messages.</param>
    /// <param name="maxBytes">The largest size; a larger file is an error.</param>
    public static Parsed<byte[]> Read(string path, string option, string where, int maxBytes = 16 << 20)
    {
        if (path.Length == 0)
            return new InputError(option, "", "it is empty", "Name a file.");
        if (path == "-" && !StandardStreams.HasInput)
            return new InputError(where, "", "it is closed", $"Give something to read, or a file with {option}.");
        if (Directory.Exists(path))
            return new InputError(where, "", "it is a directory", $"Check the path given with {option}.");
        if (!OpenInput(path).Try(out Stream? opened, out Errno error))
        {
            // The path is right: CommandLine names the limit, as where the runtime meets it.
            if (error.Name is "EMFILE" or "ENFILE")
                throw new IOException(error.Name, error.Code);
            return new InputError(
                where,
                "",
                error.Name is "ENOENT" or "ENOTDIR" ? "there is no such file" : "it cannot be read",
                $"Check the path given with {option}.");
        }

        try
        {
            using Stream input = opened;
            using MemoryStream held = new();
            byte[] piece = new byte[64 * 1024];
            for (int count; (count = input.Read(piece)) > 0;)
            {
                held.Write(piece, 0, count);
                if (held.Length > maxBytes)
                {
                    const string mend = "Give a smaller file; patterns name many files in one entry.";
                    return new InputError(where, "", $"it has more than {maxBytes} bytes", mend);
                }
            }

            return held.ToArray();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new InputError(where, "", "it cannot be read", $"Check the path given with {option}.");
        }
    }

    private static IoResult<Stream> OpenInput(string path) =>
        path == "-" ? IoResult<Stream>.Ok(Console.OpenStandardInput()) : InputFileOpener.Open(path);
}
