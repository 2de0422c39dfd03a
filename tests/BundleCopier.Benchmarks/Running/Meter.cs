using System.Diagnostics;
using System.Globalization;

namespace BundleCopier.Benchmarks.Running;

/// <summary>Runs commands one at a time and measures them.</summary>
public sealed class Meter(string measureProgram)
{
    /// <summary>
    /// Runs a command that must succeed. Time is the wall's, from before fork to after wait; CPU includes all
    /// descendants.
    /// </summary>
    /// <exception cref="MeasurementException">The command failed; the message has its last output.</exception>
    public Measurement Run(Command command)
    {
        string[] figures = Text(new Command([measureProgram, .. command.Words]), out string said).Split(' ');
        int exitCode = int.Parse(figures[3], CultureInfo.InvariantCulture);
        if (exitCode != 0)
            throw new MeasurementException($"exit {exitCode} of: {command}\n{said.TrimEnd()}");
        return new Measurement(
            double.Parse(figures[0], CultureInfo.InvariantCulture),
            double.Parse(figures[1], CultureInfo.InvariantCulture),
            long.Parse(figures[2], CultureInfo.InvariantCulture) * 1024,
            CachedBytes: 0);
    }

    /// <summary>The standard output of a command that must succeed.</summary>
    public static string Text(Command command) => Text(command, out _);

    /// <summary>The first line of a command's output; null if the command is missing or fails.</summary>
    public static string? TryFirstLine(Command command)
    {
        try
        {
            return Text(command).Split('\n')[0].Trim();
        }
        catch (MeasurementException)
        {
            return null;
        }
    }

    private static string Text(Command command, out string errors)
    {
        ProcessStartInfo start = new(command.Words[0], command.Words.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> said = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            errors = said.Result;
            return process.ExitCode == 0
                ? output
                : throw new MeasurementException($"exit {process.ExitCode} of: {command}\n{errors.TrimEnd()}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new MeasurementException($"{command.Words[0]} cannot be started: {missing.Message}");
        }
    }
}
