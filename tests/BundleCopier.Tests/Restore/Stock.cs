using System.Diagnostics;
using Xunit;

namespace BundleCopier.Tests.Restore;

/// <summary>A fact that needs the stock lz4 program; skipped with a reason where it is missing.</summary>
internal sealed class StockLz4FactAttribute : FactAttribute
{
    public StockLz4FactAttribute() =>
        Skip = Stock.IsThere ? null
            : "lz4 is missing (Debian package lz4): NOT CHECKED THAT STOCK LZ4 READS OUR FILES";
}

/// <summary>Runs stock programs.</summary>
internal static class Stock
{
    public static bool IsThere =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(static d => File.Exists(Path.Combine(d, "lz4")));

    /// <summary>Runs a shell command and returns its exit code.</summary>
    public static int Shell(string directory, string line, out string said)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", line]) { WorkingDirectory = directory };
        int exitCode = Child.Run(start, out string output, out string errors);
        said = output + errors;
        return exitCode;
    }
}
