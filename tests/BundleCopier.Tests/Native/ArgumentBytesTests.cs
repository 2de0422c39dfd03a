using System.Text;
using BundleCopier.Native;
using Xunit;

namespace BundleCopier.Tests.Native;

public sealed class ArgumentBytesTests
{
    private static readonly byte[] CommandLine =
        [.. "dotnet\0bundlecopy.dll\0cat\0\0a"u8, 0xFF, 0, .. "\uFFFD\0"u8];

    [Fact]
    public void Arguments_have_the_bytes_that_the_kernel_tells() => Assert.Equal(
        ["cat", "", "a\udcff", "\uFFFD"], ArgumentBytes.Exact(["cat", "", "a\uFFFD", "\uFFFD"], CommandLine));

    [Theory]
    [InlineData("")]
    [InlineData("bundlecopy\0cat\0other\0")]
    public void A_command_line_of_other_arguments_changes_nothing(string commandLine)
    {
        string[] args = ["cat", "a\uFFFD"];
        Assert.Same(args, ArgumentBytes.Exact(args, Encoding.UTF8.GetBytes(commandLine)));
    }
}
