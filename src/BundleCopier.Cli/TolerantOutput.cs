using System.Text;
using Spectre.Console;

namespace BundleCopier.Cli;

/// <summary>
/// Standard error for the progress bar. The bar is drawn by a thread of its own, where an exception would end the
/// program. A terminal can be gone (EIO) and a file can be full, and the copy must go on: what cannot be written is
/// dropped.
/// </summary>
internal sealed class TolerantOutput : IAnsiConsoleOutput
{
    private readonly AnsiConsoleOutput output = new(Console.Error);

    public TextWriter Writer { get; } = new TolerantWriter(Console.Error);

    public bool IsTerminal => output.IsTerminal;

    public int Width => output.Width;

    public int Height => output.Height;

    public void SetEncoding(Encoding encoding) => output.SetEncoding(encoding);

    private sealed class TolerantWriter(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Try(() => inner.Write(value));

        public override void Write(char[] buffer, int index, int count) =>
            Try(() => inner.Write(buffer, index, count));

        public override void Write(string? value) => Try(() => inner.Write(value));

        public override void Flush() => Try(inner.Flush);

        private static void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // See the class.
            }
        }
    }
}
