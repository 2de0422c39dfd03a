using System.Runtime.CompilerServices;

namespace BundleCopier.Tests;

/// <summary>Finds the files of the checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The top of the checkout.</summary>
    public static string Folder => Root();

    public static string ReadText(string path) => File.ReadAllText(Path.Combine(Root(), path));

    public static void WriteText(string path, string text) => File.WriteAllText(Path.Combine(Root(), path), text);

    public static byte[] ReadBytes(string path) => File.ReadAllBytes(Path.Combine(Root(), path));

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
