namespace BundleCopier.Cli;

/// <summary>What the program ends with; scripts rely on it.</summary>
internal static class ExitCode
{
    /// <summary>Every file, every byte.</summary>
    public const int Complete = 0;

    /// <summary>The manifest, an option or the configuration is not valid; nothing was written.</summary>
    public const int Invalid = 2;

    /// <summary>The bundle is committed, and the receipt says what is missing.</summary>
    public const int Partial = 3;

    /// <summary>Nothing is committed.</summary>
    public const int Failed = 4;

    /// <summary>Data does not match its checksum.</summary>
    public const int Damaged = 5;

    /// <summary>Stopped by a signal: 128 and the signal's number.</summary>
    public const int SignalBase = 128;
}
