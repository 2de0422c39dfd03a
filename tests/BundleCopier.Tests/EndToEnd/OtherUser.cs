using System.Runtime.InteropServices;
using System.Text;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A user without rights on the same machine. A race needs one that is faster than a shell: a thread of the tests with
/// the user and group of its file accesses changed (setfsuid(2)), which takes its rights over files away, too
/// (capabilities(7)). Other threads keep theirs.
/// </summary>
internal sealed partial class OtherUser : IDisposable
{
    private readonly Thread thread;
    private volatile bool isOver;

    private OtherUser(int seed, Action<Random> step)
    {
        thread = new Thread(() => Run(new Random(seed), step)) { IsBackground = true, Name = "other user" };
        thread.Start();
    }

    /// <summary>How often it has done something.</summary>
    public int Steps { get; private set; }

    /// <summary>Lets the user run a shell command in a directory, to its end.</summary>
    public static void Do(string directory, string command) =>
        Tool.Run(Cli.AsNobody[0], [.. Cli.AsNobody[1..], "sh", "-c", $"cd {directory} && {command}"]);

    /// <summary>Lets the user do something again and again, until this is disposed.</summary>
    public static OtherUser Repeat(int seed, Action<Random> step) => new(seed, step);

    public static void MakeDirectory(string path) => _ = mkdir(Text(path), 0x1C0);

    public static void Remove(string path)
    {
        if (unlink(Text(path)) != 0)
            _ = rmdir(Text(path));
    }

    public static void Link(string target, string path) => _ = symlink(Text(target), Text(path));

    public static void Rename(string path, string newPath) => _ = rename(Text(path), Text(newPath));

    public void Dispose()
    {
        isOver = true;
        thread.Join();
    }

    private void Run(Random random, Action<Random> step)
    {
        _ = setfsgid(Cli.NobodyId);
        _ = setfsuid(Cli.NobodyId);
        while (!isOver)
        {
            step(random);
            Steps++;
        }
    }

    private static byte[] Text(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);

    [LibraryImport("libc")]
    private static partial int setfsgid(uint group);

    [LibraryImport("libc")]
    private static partial int mkdir(byte[] path, uint mode);

    [LibraryImport("libc")]
    private static partial int rmdir(byte[] path);

    [LibraryImport("libc")]
    private static partial int unlink(byte[] path);

    [LibraryImport("libc")]
    private static partial int symlink(byte[] target, byte[] path);

    [LibraryImport("libc")]
    private static partial int rename(byte[] path, byte[] newPath);
}
