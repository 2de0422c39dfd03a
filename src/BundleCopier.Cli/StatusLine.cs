using BundleCopier.Native;

namespace BundleCopier.Cli;

/// <summary>
/// One line on standard error that says how far a command is. On a terminal, each text replaces the one before it, and
/// the line never wraps. Elsewhere a text is printed as a plain line once in a while. No mode of the terminal is
/// changed, so nothing must be put back, however the program ends. After each text the cursor stands at the start of
/// the line: where a narrower terminal has wrapped it, what is erased still begins at the right place, and a shell that
/// takes the terminal (Ctrl-Z, SIGKILL) writes over it.
/// </summary>
internal sealed class StatusLine : IDisposable
{
    /// <summary>The time between two plain lines.</summary>
    public const int PlainIntervalMs = 10_000;

    /// <summary>The time before the first plain line where the user has asked for it.</summary>
    public const int FirstPlainMs = 1_000;

    // ECMA-48: erase from the cursor to the end of the screen.
    private const string EraseBelow = "\e[J";

    // There is one standard error.
    private static readonly Lock Gate = new();
    private static StatusLine? current;

    private readonly StatusKind kind;
    private readonly Func<int?> columns;
    private readonly Action<string> print;
    private readonly Func<long> nowMs;
    private long nextPlainMs;
    private string? shown;

    /// <param name="kind">What standard error is.</param>
    /// <param name="columns">The width of the terminal now; null while another program has the terminal.</param>
    /// <param name="print">Writes to the terminal, or a plain line.</param>
    /// <param name="nowMs">The clock.</param>
    /// <param name="isPlainSoon">The first plain line comes early.</param>
    internal StatusLine(
        StatusKind kind, Func<int?> columns, Action<string> print, Func<long> nowMs, bool isPlainSoon = false)
    {
        this.kind = kind;
        this.columns = columns;
        this.print = print;
        this.nowMs = nowMs;
        nextPlainMs = nowMs() + (isPlainSoon ? FirstPlainMs : PlainIntervalMs);
        lock (Gate)
            current = this;
    }

    private StatusLine(StatusKind kind, bool isPlainSoon)
        : this(
            kind,
            static () => ErrorTerminal.IsForeground ? ErrorTerminal.Columns : null,
            kind == StatusKind.Terminal ? ErrorTerminal.Write : Messages.Tell,
            static () => Environment.TickCount64,
            isPlainSoon)
    {
    }

    /// <summary>False where nothing is shown: there is no need to make texts.</summary>
    public bool IsShown => kind != StatusKind.None;

    /// <summary>Begins a status line.</summary>
    /// <param name="wish">What the user wants. Auto: on a terminal, and in the journal.</param>
    /// <param name="isQuiet">Auto shows nothing.</param>
    public static StatusLine Start(ProgressWish wish, bool isQuiet)
    {
        bool isAlways = wish == ProgressWish.Always;
        bool isWanted = isAlways || (wish == ProgressWish.Auto && !isQuiet);
        StatusKind kind = !isWanted || !StandardStreams.HasError ? StatusKind.None
            : ErrorTerminal.IsThere ? StatusKind.Terminal
            : isAlways || ErrorTerminal.IsJournal ? StatusKind.Plain
            : StatusKind.None;
        return new StatusLine(kind, isAlways);
    }

    /// <summary>Prints a message of its own; the line moves below it.</summary>
    public static void Above(Action print)
    {
        lock (Gate)
        {
            string? text = current?.shown;
            current?.Clear();
            print();
            if (text is not null)
                current?.Draw(_ => text);
        }
    }

    /// <summary>Removes the line when the program is about to end. Does not wait for a terminal that stands still.
    /// </summary>
    public static void Leave()
    {
        if (!Gate.TryEnter())
            return;
        try
        {
            current?.Clear();
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>Shows a text. What does not fit is cut off.</summary>
    public void Show(string text) => Show(_ => text);

    /// <summary>Shows a text that is made for a number of columns.</summary>
    /// <param name="textFor">Gets the columns: int.MaxValue where the length does not matter.</param>
    public void Show(Func<int, string> textFor)
    {
        if (kind == StatusKind.None)
            return;
        lock (Gate)
        {
            if (kind == StatusKind.Terminal)
            {
                Draw(textFor);
            }
            else if (nowMs() is var now && now >= nextPlainMs)
            {
                nextPlainMs = now + PlainIntervalMs;
                print(textFor(int.MaxValue).TrimStart());
            }
        }
    }

    /// <summary>Erases the line. The next text draws it again.</summary>
    public void Clear()
    {
        lock (Gate)
        {
            // A program in the background does not own the screen any more.
            if (shown is not null && columns() is not null)
                print($"\r{EraseBelow}");
            shown = null;
        }
    }

    /// <summary>Erases the line for good.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            Clear();
            if (current == this)
                current = null;
        }
    }

    private void Draw(Func<int, string> textFor)
    {
        if (columns() is not { } width)
        {
            shown = null;
            return;
        }

        // Some terminals wrap as soon as the last column is written.
        int room = Math.Max(0, width - 1);
        string text = TextColumns.Fit(textFor(room), room);
        print($"\r{(Locale.IsUtf8 ? text : TextColumns.Ascii(text))}{EraseBelow}\r");
        shown = text;
    }
}

/// <summary>Where a <see cref="StatusLine"/> is shown.</summary>
internal enum StatusKind
{
    None,
    Terminal,
    Plain,
}
