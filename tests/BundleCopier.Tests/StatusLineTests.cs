using System.Text;
using BundleCopier.Cli;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>The status line on a terminal that is simulated: it knows where the cursor is, and wraps.</summary>
public sealed class StatusLineTests
{
    private readonly Screen screen = new();
    private long nowMs;

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void On_a_terminal_of_any_width_it_takes_one_line(int columns)
    {
        screen.Columns = columns;
        using (StatusLine line = Line(StatusKind.Terminal))
        {
            line.Show(new string('x', 500));
            line.Show(width => new string('y', width));
            Assert.Equal([new string('y', columns - 1)], screen.Lines);
            line.Show("\u4f60\u597d".PadRight(300, '\u597d'));
            Assert.Single(screen.Lines);
            line.Show("short");
            Assert.Equal(["short"], screen.Lines);
        }

        Assert.Equal([""], screen.Lines);
    }

    [Fact]
    public void A_terminal_that_became_narrower_and_wrapped_the_line_is_left_clean()
    {
        screen.Columns = 80;
        using StatusLine line = Line(StatusKind.Terminal);
        line.Show(new string('x', 70));
        screen.Resize(30);
        Assert.Equal(3, screen.Lines.Length);
        line.Show(new string('y', 70));
        Assert.Equal([new string('y', 26) + "..."], screen.Lines);
        screen.Resize(120);
        line.Show(new string('z', 70));
        Assert.Equal([new string('z', 70)], screen.Lines);
    }

    [Fact]
    public void A_message_stands_above_the_line()
    {
        using StatusLine line = Line(StatusKind.Terminal);
        line.Show("45%");
        StatusLine.Above(() => screen.Write("one\n"));
        StatusLine.Above(() => screen.Write("two\n"));
        Assert.Equal(["one", "two", "45%"], screen.Lines);
        line.Clear();
        StatusLine.Above(() => screen.Write("three\n"));
        Assert.Equal(["one", "two", "three", ""], screen.Lines);
    }

    [Fact]
    public void In_the_background_nothing_is_drawn_or_erased()
    {
        using StatusLine line = Line(StatusKind.Terminal);
        line.Show("45%");
        screen.IsForeground = false;
        int before = screen.Written.Length;
        line.Show("46%");
        line.Clear();
        Assert.Equal(before, screen.Written.Length);
        screen.IsForeground = true;
        line.Show("47%");
        Assert.Equal(["47%"], screen.Lines);
    }

    [Fact]
    public void A_program_that_is_about_to_end_leaves_an_empty_line()
    {
        using StatusLine line = Line(StatusKind.Terminal);
        line.Show("45%");
        StatusLine.Leave();
        Assert.Equal([""], screen.Lines);
    }

    [Fact]
    public void Without_a_terminal_a_plain_line_is_printed_once_in_a_while()
    {
        using (StatusLine line = Line(StatusKind.Plain))
        {
            for (; nowMs <= 2 * StatusLine.PlainIntervalMs; nowMs += 250)
                line.Show(width => $"{width == int.MaxValue} {nowMs}\n");
        }

        Assert.Equal("True 10000\nTrue 20000\n", screen.Written.ToString());
    }

    [Fact]
    public void Where_nothing_is_shown_no_text_is_made()
    {
        using StatusLine line = Line(StatusKind.None);
        line.Show(_ => throw new InvalidOperationException());
        Assert.False(line.IsShown);
        Assert.Equal("", screen.Written.ToString());
    }

    [Theory]
    [InlineData("", "", "en_US.UTF-8", true)]
    [InlineData("C", "", "en_US.UTF-8", false)]
    [InlineData("", "C.utf8", "C", true)]
    [InlineData("", "", "", false)]
    public void The_first_variable_that_is_set_tells_the_character_set(
        string all, string type, string lang, bool isUtf8) =>
        Assert.Equal(isUtf8, Locale.IsUtf8In(name => name switch { "LC_ALL" => all, "LC_CTYPE" => type, _ => lang }));

    [Theory]
    [InlineData("engine", 6, "engine")]
    [InlineData("engines", 6, "eng...")]
    [InlineData("\u00e4bcdef", 6, "\u00e4b...")]
    [InlineData("engine", 2, "..")]
    [InlineData("engine", 0, "")]
    [InlineData("engine", -1, "")]
    public void A_text_is_cut_to_columns(string text, int columns, string expected) =>
        Assert.Equal(expected, TextColumns.Fit(text, columns));

    private StatusLine Line(StatusKind kind) =>
        new(kind, () => screen.IsForeground ? screen.Columns : null, screen.Write, () => nowMs);

    // A line longer than the terminal continues on the next row. After a resize, rows are wrapped again, and the cursor
    // stays at its character, as in tmux and VTE.
    private sealed class Screen
    {
        private readonly List<StringBuilder> lines = [new()];
        private int line;
        private int column;

        public int Columns { get; set; } = 80;

        public bool IsForeground { get; set; } = true;

        public StringBuilder Written { get; } = new();

        public string[] Lines => [.. lines.SelectMany(l => Rows(l.ToString()))];

        public void Resize(int columns) => Columns = columns;

        public void Write(string text)
        {
            Written.Append(text);
            for (int i = 0; i < text.Length; i++)
            {
                switch (text[i])
                {
                    case '\r':
                        column = 0;
                        break;
                    case '\n':
                        lines.Insert(++line, new());
                        column = 0;
                        break;
                    case '\e':
                        Assert.Equal("[J", text.Substring(i + 1, 2));
                        lines[line].Length = Math.Min(column, lines[line].Length);
                        lines.RemoveRange(line + 1, lines.Count - line - 1);
                        i += 2;
                        break;
                    default:
                        lines[line].Length = Math.Max(lines[line].Length, column + 1);
                        lines[line][column++] = text[i];
                        break;
                }
            }
        }

        private IEnumerable<string> Rows(string text) =>
            text.Length == 0 ? [""] : text.Chunk(Columns).Select(static row => new string(row));
    }
}
