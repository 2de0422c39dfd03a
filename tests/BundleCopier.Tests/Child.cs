using System.Diagnostics;

namespace BundleCopier.Tests;

/// <summary>Waits for child processes, and not for ever: one that hangs is killed, and its test fails.</summary>
internal static class Child
{
    /// <summary>
    /// Far longer than a tool or a copy of the tests takes, and short enough for a suite that hangs.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PatienceAfterEnd = TimeSpan.FromSeconds(10);

    /// <summary>Runs a program to its end; both of its outputs are redirected.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="output">What it wrote to standard output.</param>
    /// <param name="errors">What it wrote to standard error.</param>
    /// <param name="patience">How long it may run; null for <see cref="Patience"/>.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end, and was killed.</exception>
    public static int Run(
        ProcessStartInfo start, out string output, out string errors, TimeSpan? patience = null)
    {
        TimeSpan limit = patience ?? Patience;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> told = process.StandardOutput.ReadToEndAsync();
        Task<string> complained = process.StandardError.ReadToEndAsync();
        bool hasEnded = process.WaitForExit(limit);
        if (!hasEnded)
            process.Kill(entireProcessTree: true);
        // A process that the child has left behind may still hold its outputs open.
        _ = Task.WaitAll([told, complained], PatienceAfterEnd);
        output = told.IsCompleted ? told.Result : "(the output does not end)";
        errors = complained.IsCompleted ? complained.Result : "(the output does not end)";
        if (!hasEnded)
            throw new TimeoutException(
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} has not ended after "
                + $"{limit.TotalSeconds} s and was killed.\n--- stdout\n{output}\n--- stderr\n{errors}");
        return process.ExitCode;
    }

    /// <summary>Waits for the end of a process that is about to end; kills it where it is not.</summary>
    public static void AwaitEnd(Process process)
    {
        if (process.WaitForExit(Patience))
            return;
        string what = $"{process.ProcessName} ({process.Id})";
        process.Kill(entireProcessTree: true);
        throw new TimeoutException($"{what} has not ended after {Patience.TotalSeconds} s and was killed.");
    }
}
