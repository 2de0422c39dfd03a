using BundleCopier.Input;
using Xunit;

namespace BundleCopier.Tests.Input;

public sealed class InputErrorTests
{
    [Fact]
    public void An_error_is_one_line_with_place_problem_and_correction() => Assert.Equal(
        "crash.json: files[1].name: \"..\" is not allowed in a path. "
            + "Use a relative path below files/, such as \"logs/engine.log\".",
        new InputError(
            "crash.json",
            "files[1].name",
            "\"..\" is not allowed in a path",
            "Use a relative path below files/, such as \"logs/engine.log\".").ToString());

    [Fact]
    public void An_error_about_the_whole_input_names_no_field() => Assert.Equal(
        "stdin: is empty. Give one JSON object.",
        new InputError("stdin", "", "is empty", "Give one JSON object.").ToString());

    [Fact]
    public void Line_breaks_and_terminal_escapes_in_inputs_are_escaped() =>
        Assert.Equal("a\\u000ab: x\\u001b[2J: bad", new InputError("a\nb", "x\u001b[2J", "bad", "").ToString());
}
