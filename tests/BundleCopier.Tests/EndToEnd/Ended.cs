using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Checks how a run of the program has ended.</summary>
internal static class Ended
{
    public static void With(int exitCode, CliResult result) =>
        Assert.True(result.ExitCode == exitCode, $"Expected exit {exitCode}: {result}");

    /// <summary>
    /// Refused before anything was written: nothing on standard output, nothing in the destination, the words in the
    /// message.
    /// </summary>
    public static void Refused(int exitCode, Workspace place, CliResult result, params string[] words)
    {
        With(exitCode, result);
        Assert.Equal("", result.Output);
        Assert.Empty(place.LeftInDestination);
        Says(result, words);
    }

    public static void Says(CliResult result, params string[] words)
    {
        foreach (string word in words)
            Assert.Contains(word, result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal); // a stack trace
    }

    /// <summary>The bundle is committed and is as the receipt says.</summary>
    public static ReceiptView Committed(int exitCode, Workspace place, CliResult result)
    {
        With(exitCode, result);
        Assert.Equal(["b"], place.LeftInDestination);
        With(0, place.Verify());
        return ReceiptView.Read(place);
    }
}
