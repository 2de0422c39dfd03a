using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// The directories of one test: sources in shared memory, a destination on a disk, mounts. Dispose removes all of it,
/// also after a failed test.
/// </summary>
internal sealed class Workspace : IDisposable
{
    public const string MemoryRoot = "/dev/shm";
    public const string DiskRoot = "/var/tmp";

    // A test class whose constructor fails is never disposed. Its workspace is removed when the test process ends.
    private static readonly ConcurrentDictionary<Workspace, bool> Undisposed = new();

    private readonly string name = $"bundlecopy-test-{Guid.NewGuid():N}"[..28];
    private readonly Stack<string> mounts = new();
    private string? trusted;
    private int count;

    static Workspace() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (Workspace place in Undisposed.Keys)
            place.Dispose();
    };

    public Workspace()
    {
        Undisposed[this] = true;
        Memory = MakePrivate(Path.Combine(MemoryRoot, name));
        Disk = MakePrivate(Path.Combine(DiskRoot, name));
        Destination = MakePrivate(Path.Combine(Disk, "out"));
    }

    /// <summary>A directory for sources.</summary>
    public string Memory { get; }

    /// <summary>A directory on a disk for all other files.</summary>
    public string Disk { get; }

    /// <summary>An empty directory on a disk.</summary>
    public string Destination { get; set; }

    public string BundlePath => Path.Combine(Destination, "b");

    public string PartialPath => Path.Combine(Destination, ".b.partial");

    public string Source(string file) => Path.Combine(Memory, file);

    public string Output(string file) => Path.Combine(BundlePath, "files", file);

    /// <summary>The names in the destination, also hidden ones.</summary>
    public string[] LeftInDestination =>
        [.. Directory.GetFileSystemEntries(Destination).Select(p => Path.GetFileName(p)!)
        .Where(n => n != "lost+found")];

    public static JsonObject Entry(
        string source, string? name = null, int? priority = null, params (long Offset, long Length)[] ranges)
    {
        JsonObject entry = new() { ["source"] = source };
        if (name is not null)
            entry["name"] = name;
        if (priority is not null)
            entry["priority"] = priority;
        if (ranges.Length > 0)
            entry["ranges"] =
                new JsonArray(
                [.. ranges.Select(r => (JsonNode)new JsonObject { ["offset"] = r.Offset, ["length"] = r.Length })]);
        return entry;
    }

    /// <summary>Writes a manifest for the bundle "b"; gives its path.</summary>
    public string Manifest(params JsonObject[] entries)
    {
        JsonObject manifest = new()
        {
            ["version"] = 1,
            ["bundle"] = "b",
            ["destination"] = Destination,
            ["labels"] = new JsonObject { ["reason"] = "test" },
            ["files"] = new JsonArray([.. entries]),
        };
        return ManifestText(manifest.ToJsonString());
    }

    public string Manifest(params string[] sources) => Manifest([.. sources.Select(s => Entry(s))]);

    public string ManifestText(string text) => Text($"crash{count++}.json", text);

    /// <summary>Writes settings; gives the file's path.</summary>
    public string Config(string hocon) => Text($"bundle{count++}.hocon", hocon);

    /// <summary>Copies everything in the memory directory.</summary>
    public CliResult Copy(params string[] options) => Cli.Run(["--manifest", Manifest(Source("*")), .. options]);

    public CliResult Verify() => Cli.Run("verify", BundlePath);

    /// <summary>Makes a filesystem in a sparse file, mounts it and makes it the destination.</summary>
    public string Mount(string type, long sizeBytes, string? imageDirectory = null)
    {
        string image = Path.Combine(imageDirectory ?? Disk, $"image{count++}");
        using (FileStream file = File.Create(image))
            file.SetLength(sizeBytes);
        Tool.Run($"mkfs.{type}", type == "ext4" ? ["-q", "-m", "0", image] : ["-q", image]);
        return MountAt(["-o", "loop", "-t", type, image]);
    }

    /// <summary>Mounts a filesystem in memory and makes it the destination.</summary>
    public string MountMemory(long sizeBytes) => MountAt(["-t", "tmpfs", "-o", $"size={sizeBytes},mode=0700", "tmpfs"]);

    public string MountOverlay()
    {
        string[] parts = [.. new[] { "lower", "upper", "work" }.Select(p => MakePrivate(Path.Combine(Disk, p)))];
        return MountAt(
            ["-t", "overlay", "overlay", "-o", $"lowerdir={parts[0]},upperdir={parts[1]},workdir={parts[2]}"]);
    }

    /// <summary>A directory without a world-writable one above it.</summary>
    public string MakeTrusted() =>
        trusted ??= MakePrivate(
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), $".{name}"));

    public void RemountReadOnly() => Tool.Run("mount", "-o", "remount,ro", Destination);

    public void Dispose()
    {
        if (!Undisposed.TryRemove(this, out _))
            return;
        // mount -o loop detaches its device by itself. Lazily, because the kernel may close a file some milliseconds
        // after the process has ended (fs/file_table.c, delayed_fput); the mount would stay otherwise.
        foreach (string mount in mounts)
            Tool.Run("umount", "--lazy", mount);
        mounts.Clear();
        foreach (string? directory in new[] { Memory, Disk, trusted })
        {
            if (directory is not null && Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Makes a directory that only its owner can enter.</summary>
    public static string MakePrivate(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private string MountAt(string[] args)
    {
        string point = MakePrivate(Path.Combine(Disk, $"mount{count++}"));
        Tool.Run("mount", [.. args, point]);
        mounts.Push(point);
        Destination = point;
        return point;
    }

    private string Text(string file, string text)
    {
        string path = Path.Combine(Disk, file);
        File.WriteAllText(path, text);
        return path;
    }
}
