using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A filesystem on a disk that forgets what was not flushed, when its power is cut. The disk is the program
/// c/forgetful_disk.c: a FUSE server for one file, and a loop device on that file.
/// </summary>
internal sealed class ForgetfulDisk : IDisposable
{
    private static readonly Lazy<string> Program = new(static () => FuseServer.Compile("forgetful_disk"));

    private readonly string point;
    private readonly FuseServer server;
    private string? device;
    private bool isMounted;

    /// <summary>Serves an image, and mounts the filesystem that is in it.</summary>
    /// <param name="type">The filesystem.</param>
    /// <param name="image">The image. It gets what is flushed, and what is left after a cut.</param>
    /// <param name="directory">A directory for mount points.</param>
    public ForgetfulDisk(string type, string image, string directory)
    {
        string served = Workspace.MakePrivate(Path.Combine(directory, "served"));
        point = Workspace.MakePrivate(Path.Combine(directory, "disk"));
        server = new FuseServer(Program.Value, image, served);
        try
        {
            FuseServer.Expect("ready", server.Answer());
            device = Tool.Run("losetup", "--find", "--show", Path.Combine(served, "disk"));
            Tool.Run("mount", "-t", type, device, point);
            isMounted = true;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the filesystem is mounted.</summary>
    public string Point => point;

    /// <summary>Null, or why there can be no such disk here.</summary>
    public static string? Lack()
    {
        try
        {
            using Workspace place = new();
            string image = Format("ext4", Path.Combine(place.Disk, "image"), 16 << 20);
            using ForgetfulDisk disk = new("ext4", image, place.Disk);
            return disk.Count() > 0 ? null : "Writes to a file of FUSE do not reach its server here.";
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            return $"A disk in a FUSE server cannot be mounted here: {error.Message.ReplaceLineEndings(" ")}";
        }
    }

    /// <summary>Makes a filesystem in a sparse file; gives the file's path.</summary>
    public static string Format(string type, string image, long sizeBytes)
    {
        using (FileStream file = File.Create(image))
            file.SetLength(sizeBytes);
        // Blocks of 4 KiB, which the disk writes whole or not at all.
        Tool.Run($"mkfs.{type}", type == "ext4" ? ["-q", "-b", "4096", image] : ["-q", image]);
        return image;
    }

    /// <summary>How many writes and flushes have come since the disk was armed.</summary>
    public long Count() => long.Parse(server.Ask("count")["count ".Length..], CultureInfo.InvariantCulture);

    /// <summary>Cuts the power at the Nth write or flush from now on; never with 0.</summary>
    public void Arm(long nth, int seed) => FuseServer.Expect("armed", server.Ask($"arm {nth} {seed}"));

    /// <summary>Each write takes so long from now on.</summary>
    public void SlowDown(int writeMs) => FuseServer.Expect("slow", server.Ask($"slow {writeMs}"));

    /// <summary>Cuts the power now, if it was not cut before. Gives the blocks that were lost.</summary>
    public long Cut(int seed) => long.Parse(server.Ask($"cut {seed}").Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Unmounts the filesystem and ends the disk.</summary>
    public void Dispose()
    {
        if (isMounted)
            Try("umount", point);
        isMounted = false;
        if (device is not null)
            Try("losetup", "--detach", device);
        device = null;
        server.Dispose();
    }

    private static void Try(string program, params string[] args)
    {
        try
        {
            Tool.Run(program, args);
        }
        catch (IOException)
        {
            // A process that has just ended can still hold a file for some milliseconds (fs/file_table.c).
            if (program == "umount")
                Tool.Run("umount", "--lazy", args[^1]);
        }
    }
}
