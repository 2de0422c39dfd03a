using System.Diagnostics;
using System.Globalization;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A filesystem on a disk that forgets what was not flushed, when its power is cut. The disk is the program
/// c/forgetful_disk.c: a FUSE server for one file, and a loop device on that file.
/// </summary>
internal sealed class ForgetfulDisk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<string> Program = new(Compile);

    private readonly string image;
    private readonly string served;
    private readonly string point;
    private readonly Process server;
    private string? device;
    private bool isMounted;

    /// <summary>Serves an image, and mounts the filesystem that is in it.</summary>
    /// <param name="type">The filesystem.</param>
    /// <param name="image">The image. It gets what is flushed, and what is left after a cut.</param>
    /// <param name="directory">A directory for mount points.</param>
    public ForgetfulDisk(string type, string image, string directory)
    {
        this.image = image;
        served = Workspace.MakePrivate(Path.Combine(directory, "served"));
        point = Workspace.MakePrivate(Path.Combine(directory, "disk"));
        server = Process.Start(new ProcessStartInfo(Program.Value, [image, served])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Expect("ready", Answer());
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
    public long Count() => long.Parse(Ask("count")["count ".Length..], CultureInfo.InvariantCulture);

    /// <summary>Cuts the power at the Nth write or flush from now on; never with 0.</summary>
    public void Arm(long nth, int seed) => Expect("armed", Ask($"arm {nth} {seed}"));

    /// <summary>Cuts the power now, if it was not cut before. Gives the blocks that were lost.</summary>
    public long Cut(int seed) => long.Parse(Ask($"cut {seed}").Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Unmounts the filesystem and ends the disk.</summary>
    public void Dispose()
    {
        if (isMounted)
            Try("umount", point);
        isMounted = false;
        if (device is not null)
            Try("losetup", "--detach", device);
        device = null;
        using (server)
        {
            server.StandardInput.Close();
            if (!server.WaitForExit(Patience))
            {
                server.Kill();
                server.WaitForExit();
            }
        }

        // Where the server has not done it.
        if (File.ReadAllText("/proc/self/mounts").Contains($" {served} ", StringComparison.Ordinal))
            Try("umount", "--lazy", served);
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

    private static void Expect(string expected, string answer)
    {
        if (answer != expected)
            throw new IOException($"The disk answers '{answer}' and not '{expected}'.");
    }

    private string Ask(string command)
    {
        server.StandardInput.Write(command + "\n");
        server.StandardInput.Flush();
        return Answer();
    }

    private string Answer()
    {
        Task<string?> line = server.StandardOutput.ReadLineAsync();
        if (line.Wait(Patience) && line.Result is { } answer)
            return answer;
        string said = server.HasExited ? server.StandardError.ReadToEnd() : "It still runs.";
        throw new IOException($"The disk on {image} does not answer. {said}");
    }

    private static string Compile()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "forgetful_disk");
        string made = $"{program}.{Environment.ProcessId}";
        string source = Path.Combine(
            Repository.Folder, "tests", "BundleCopier.Tests", "EndToEnd", "c", "forgetful_disk.c");
        Tool.Run("cc", "-O2", "-Wall", "-Wextra", "-o", made, source);
        File.Move(made, program, overwrite: true);
        return program;
    }
}
