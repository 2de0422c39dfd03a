using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A run of the program that has not ended. Disposing it kills it.</summary>
internal sealed class RunningCli : IDisposable
{
    private readonly Process process;
    private readonly TimeSpan patience;
    private readonly Task<string> output;
    private readonly Task<string> errors;
    private readonly StringBuilder told = new();

    public RunningCli(Process process, byte[]? input, TimeSpan patience)
    {
        this.process = process;
        this.patience = patience;
        output = process.StandardOutput.ReadToEndAsync();
        errors = ReadErrorsAsync();
        try
        {
            if (input is not null)
                process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of it.
        }
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>Whether its first thread has ended. Others may still wait in the kernel.</summary>
    public bool IsDying => State() == 'Z';

    /// <summary>Whether it has written this to standard error.</summary>
    public bool HasSaid(string words) => Said().Contains(words, StringComparison.Ordinal);

    public void Signal(int signal) => Kernel.Signal(process.Id, signal);

    public bool HasOpen(string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd")
                .Any(f => new FileInfo(f).LinkTarget == path);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>
    /// Its mappings now: addresses, permissions and the file; empty or in brackets for a mapping without a file
    /// (proc_pid_maps(5)).
    /// </summary>
    public List<(long Start, long End, string Rights, string File)> Mappings() =>
        [.. File.ReadLines($"/proc/{process.Id}/maps").Select(line =>
        {
            string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            long[] ends =
                [.. parts[0].Split('-')
                .Select(a => unchecked((long)ulong.Parse(a, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];
            return (ends[0], ends[1], parts[1], parts.Length == 6 ? parts[5] : "");
        })];

    /// <summary>
    /// Its threads now: name, scheduling policy and nice value (proc_pid_stat(5), fields 2, 41 and 19).
    /// </summary>
    public List<(int Id, string Name, int Policy, int Nice)> Threads() => ThreadsOf(process.Id);

    /// <summary>The threads of any process.</summary>
    public static List<(int Id, string Name, int Policy, int Nice)> ThreadsOf(int processId) =>
        [.. Directory.GetDirectories($"/proc/{processId}/task").Select(task =>
        {
            string text = File.ReadAllText(Path.Combine(task, "stat"));
            int end = text.LastIndexOf(')');
            string[] rest = text[(end + 2)..].Split(' '); // from field 3 on
            return (int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture), text[(text.IndexOf('(') + 1)..end],
                int.Parse(rest[41 - 3], CultureInfo.InvariantCulture), int.Parse(
                    rest[19 - 3], CultureInfo.InvariantCulture));
        })];

    /// <summary>Its oom_score_adj (proc_pid_oom_score_adj(5)).</summary>
    public int OomScoreAdj() =>
        int.Parse(File.ReadAllText($"/proc/{process.Id}/oom_score_adj"), CultureInfo.InvariantCulture);

    /// <summary>The largest value of a line of its status while it ran, in bytes (proc_pid_status(5)).</summary>
    public long PeakOf(string key) => PeakOf(() => StatusBytes(key));

    /// <summary>The largest value until the program ends.</summary>
    public long PeakOf(Func<long> value)
    {
        long peak = 0;
        SpinWait.SpinUntil(() =>
        {
            peak = Math.Max(peak, value());
            return process.HasExited;
        }, patience);
        return peak;
    }

    /// <summary>Waits for a condition, and stops the program there with SIGSTOP.</summary>
    public void FreezeWhen(Func<bool> hasCome, string what)
    {
        Await(hasCome, what);
        Signal(Kernel.SigStop);
        Await(() => State() is 'T' or 'Z', "the program is stopped");
        Assert.True(State() == 'T', $"The program was over before it could be stopped at: {what}\n{Tell()}");
    }

    public void Thaw() => Signal(Kernel.SigCont);

    public void Await(Func<bool> hasCome, string what)
    {
        // Asked once a turn: a condition that takes long to see, such as a time without work, must not hold twice.
        bool came = false;
        bool isOver = SpinWait.SpinUntil(() => (came = hasCome()) || process.HasExited, patience);
        Assert.True(
            came || (isOver && (hasCome() || State() is 'Z' or 'T')), $"This never came: {what}\n{Tell()}");
    }

    public CliResult Wait()
    {
        using (this)
        {
            bool hasEnded = process.WaitForExit(patience);
            if (!hasEnded)
                process.Kill();
            Assert.True(hasEnded, $"It has not ended after {patience.TotalSeconds} s and was killed.\n{Said()}");
            return new CliResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
        }
    }

    public void Dispose()
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill();
                Child.AwaitEnd(process);
            }
        }
        catch (InvalidOperationException)
        {
            // It was disposed before.
        }

        process.Dispose();
    }

    /// <summary>How much it has written to disks so far, in bytes (proc_pid_io(5)); 0 when it has ended.</summary>
    public long WrittenBytes()
    {
        const string key = "write_bytes:";
        try
        {
            string? line = File.ReadLines($"/proc/{process.Id}/io")
                .FirstOrDefault(static l => l.StartsWith(key, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(key.Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Whether it goes on for a time without using any processor time (proc_pid_stat(5), fields 14 and 15).
    /// </summary>
    public bool IsIdleFor(TimeSpan time)
    {
        (string, string) before = Ticks();
        return !process.WaitForExit(time) && Ticks() == before;

        (string, string) Ticks()
        {
            string text = File.ReadAllText($"/proc/{process.Id}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // from field 3 on
            return (fields[14 - 3], fields[15 - 3]);
        }
    }

    /// <summary>The value of a line of its status now, in bytes (proc_pid_status(5)); 0 when it has ended.</summary>
    public long StatusBytes(string key)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process.Id}/status")
                .FirstOrDefault(l => l.StartsWith(key + ":", StringComparison.Ordinal));
            return line is null ? 0
                : long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private async Task<string> ReadErrorsAsync()
    {
        char[] piece = new char[4096];
        for (int count; (count = await process.StandardError.ReadAsync(piece)) > 0;)
        {
            lock (told)
                told.Append(piece, 0, count);
        }

        return told.ToString();
    }

    private string Said()
    {
        lock (told)
            return told.ToString();
    }

    private string Tell() => process.HasExited ? Wait().ToString() : "It still runs.";

    /// <summary>Its major page faults (proc_pid_stat(5), field 12); 0 when it has ended.</summary>
    public long MajorFaults()
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process.Id}/stat");
            return long.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[9], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // proc_pid_stat(5): the state follows the name in parentheses.
    private char State()
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process.Id}/stat");
            return text[text.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return 'Z';
        }
    }
}
