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
    public void The_documents_list_the_public_namespaces()
    {
        IEnumerable<string> namespaces = typeof(BundleCopierHosting).Assembly.GetExportedTypes()
            .Concat(typeof(CopyEngine).Assembly.GetExportedTypes())
            .Select(static type => $"`{type.Namespace}`")
            .Distinct();
        string section = Repository.ReadText("docs/embedding.md").Split("## Namespaces")[1].Split("\n## ")[0];
        string[] cells = [.. section.Split('\n').Select(static line => line.Split('|').ElementAtOrDefault(1) ?? "")];
        IEnumerable<string> listed =
            cells.SelectMany(static cell => cell.Split(',')).Select(static name => name.Trim())
                .Where(static name => name.StartsWith('`'));
        Assert.Equal(namespaces.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

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
