namespace BundleCopier.Cli;

/// <summary>The exit codes of the program (docs/cli.md). Scripts rely on them.</summary>
internal static class ExitCode
{
    /// <summary>The bundle has every file and every byte.</summary>
    public const int Complete = 0;

    /// <summary>The manifest, an option or the configuration is not valid; nothing was written.</summary>
    public const int Invalid = 2;

    /// <summary>The bundle is committed, and the receipt says what is missing.</summary>
    public const int Partial = 3;

    /// <summary>Nothing is committed.</summary>
    public const int Failed = 4;

    /// <summary>Data does not match its checksum.</summary>
    public const int Damaged = 5;

    /// <summary>A signal stopped the program: 128 plus the signal's number.</summary>
    public const int SignalBase = 128;

    /// <summary>
    /// The exit code of several bundles: a signal beats 5, 5 beats 4, 4 beats 2, 2 beats 3, and all beat 0.
    /// </summary>
    public static int Worst(int one, int other)
    {
        return Rank(one) >= Rank(other) ? one : other;

        // Only 2 and 3 are not in their order.
        static int Rank(int code) => code switch { Partial => Invalid, Invalid => Partial, _ => code };
    }

    /// <summary>A bundle that is not complete.</summary>
    /// <param name="signal">The signal that the program got; 0 for none.</param>
    public static int OfIncomplete(int signal) => signal == 0 ? Partial : SignalBase + signal;
}
