using BundleCopier.Hosting;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>
/// PublicApi.txt holds the public API of the engine and of its hosting package. So reviewers see each change of it,
/// and nothing becomes public by accident.
/// </summary>
public sealed class PublicApiTests
{
    private const string Accept = "BUNDLECOPY_ACCEPT_PUBLIC_API";
    private const string Path = "tests/BundleCopier.Tests/PublicApi.txt";

    [Fact]
    public void The_public_api_is_what_the_snapshot_says()
    {
        string actual =
            $"{PublicApiText.Of(typeof(CopyEngine).Assembly)}\n"
            + $"{PublicApiText.Of(typeof(BundleCopierHosting).Assembly)}";
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            Repository.WriteText(Path, actual);

        string[] expectedLines = Repository.ReadText(Path).Split('\n');
        string[] actualLines = actual.Split('\n');
        IEnumerable<string> gone = expectedLines.Except(actualLines).Select(static line => $"- {line}");
        IEnumerable<string> added = actualLines.Except(expectedLines).Select(static line => $"+ {line}");
        Assert.True(
            actualLines.SequenceEqual(expectedLines),
            $"The public API is not what {Path} says:\n{string.Join('\n', gone.Concat(added))}\n"
            + $"If that is intended, run this test once with {Accept}=1, which writes the file anew, and commit it. "
            + "What only the program needs is internal: the assembly bundlecopy sees it all the same.");
    }
}
