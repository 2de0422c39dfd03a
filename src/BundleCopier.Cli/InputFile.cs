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
        try
        {
            using Stream input = path == "-" ? Console.OpenStandardInput() : InputStream.Open(path);
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
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            string reason = error is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file"
                : "it cannot be read";
            return new InputError(where, "", reason, $"Check the path given with {option}.");
        }
    }
}
