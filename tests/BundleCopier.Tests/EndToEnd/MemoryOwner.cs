using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// A process with shared memory of each kind (c/memory_owner.c). Dispose ends it and removes what it leaves.
/// </summary>
internal sealed class MemoryOwner : IDisposable
{
    public const int Bytes = 8 << 20;

    private static readonly Lazy<string> Program = new(() => FuseServer.Compile("memory_owner"));

    private readonly Process process;
    private readonly string name;

    private MemoryOwner(string name, Process process)
    {
        this.name = name;
        this.process = process;
        string[] answer = (process.StandardOutput.ReadLine() ?? "").Split(' ');
        if (answer is not ["ready", string segment, string removed])
            throw new IOException($"The process says: {string.Join(' ', answer)}");
        Segment = int.Parse(segment, CultureInfo.InvariantCulture);
        RemovedSegment = int.Parse(removed, CultureInfo.InvariantCulture);
    }

    public int Pid => process.Id;

    /// <summary>The id of its System V segment.</summary>
    public int Segment { get; }

    /// <summary>The id of its System V segment that is removed and still attached.</summary>
    public int RemovedSegment { get; }

    /// <summary>The name of its memfd; its POSIX segments are NAME-named and NAME-gone.</summary>
    public string Name => name;

    /// <summary>Starts one.</summary>
    /// <param name="command">What it does (c/memory_owner.c).</param>
    /// <param name="before">The command in front of the program.</param>
    /// <param name="bytes">The size of each segment.</param>
    public static MemoryOwner Start(string command, string[]? before = null, int bytes = Bytes)
    {
        string name = $"bundlecopy-test-{Guid.NewGuid():N}"[..28];
        string[] all = [.. before ?? [], Program.Value, name, $"{bytes}", .. command.Split(' ')];
        Process process = Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return new MemoryOwner(name, process);
    }

    /// <summary>Fails where a copied file is not what the process has written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">1 POSIX, 2 unlinked, 3 memfd, 4 System V, 5 removed, 6 anonymous.</param>
    /// <param name="bytes">Its size.</param>
    public static void IsWhole(string path, ulong kind, int bytes = Bytes)
    {
        Span<byte> expected = MemoryMarshal.AsBytes(Words(kind, bytes).AsSpan());
        Assert.True(expected.SequenceEqual(File.ReadAllBytes(path)), $"{path} is not kind {kind}");
    }

    /// <summary>What the process has written.</summary>
    /// <param name="kind">See <see cref="IsWhole"/>; 7 is private memory.</param>
    /// <param name="bytes">The size.</param>
    public static ulong[] Words(ulong kind, int bytes)
    {
        ulong[] words = new ulong[bytes / sizeof(ulong)];
        for (int i = 0; i < words.Length; i++)
        {
            if (i < words.Length / 4 || i >= words.Length - (words.Length / 4))
                words[i] = (kind << 56) + (ulong)i;
        }

        return words;
    }

    /// <summary>The path of its program.</summary>
    public static string ProgramPath => Program.Value;

    /// <summary>Waits until it has ended by itself.</summary>
    public void AwaitEnd() => Child.AwaitEnd(process);

    /// <summary>Kills it, and waits until it is gone.</summary>
    public void Kill()
    {
        process.Kill();
        Child.AwaitEnd(process);
    }

    public void Dispose()
    {
        if (process.HasExited)
        {
            File.Delete(Path.Combine(Workspace.MemoryRoot, $"{name}-named"));
            if (Segment >= 0)
                Tool.Run("ipcrm", "-m", $"{Segment}");
        }
        else
        {
            process.StandardInput.Close();
            Child.AwaitEnd(process);
        }

        process.Dispose();
    }
}
