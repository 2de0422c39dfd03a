using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>docs/failure-modes.md lists only faults that a test causes.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Rows =
    [
        .. Repository.ReadText("docs/failure-modes.md").Split('\n')
            .Where(static line => line.StartsWith('|'))
            .Where(static line => !line.StartsWith("| ---", StringComparison.Ordinal)
                && !line.EndsWith("| tests |", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Each_failure_mode_names_a_test() =>
        Assert.All(Rows, static row => Assert.True(TestName().IsMatch(row.Split(" | ")[^1]), $"No test: {row}"));

    [Fact]
    public void Each_test_that_a_failure_mode_names_exists()
    {
        Assert.NotEmpty(Rows);
        AssertTestsExist(Rows, "docs/failure-modes.md");
    }

    [Fact]
    public void Each_test_that_SECURITY_names_exists() =>
        AssertTestsExist(Repository.ReadText("SECURITY.md").Split('\n'), "SECURITY.md");

    private static void AssertTestsExist(string[] lines, string document)
    {
        HashSet<string> tests =
        [
            .. typeof(DocumentTests).Assembly.GetTypes()
                .SelectMany(static type => type.GetMethods())
                .Where(static method => method.GetCustomAttributes<FactAttribute>(inherit: true).Any())
                .Select(static method => $"{method.DeclaringType!.Name}.{method.Name}"),
        ];
        string[] missing =
        [
            .. lines.SelectMany(static line => TestName().Matches(line))
                .Select(static match => match.Groups["test"].Value)
                .Where(name => !tests.Contains(name)),
        ];
        Assert.True(missing.Length == 0, $"{document} names tests that do not exist: {string.Join(", ", missing)}");
    }

    [GeneratedRegex(@"`(?<test>\w+Tests\.\w+)`")]
    private static partial Regex TestName();
}
