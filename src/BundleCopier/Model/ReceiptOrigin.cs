namespace BundleCopier.Model;

/// <summary>The program that made a bundle.</summary>
/// <param name="Name">Its name: <c>bundlecopy</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="Commit">The commit that it was built from; null where that is not known.</param>
public sealed record ReceiptProgram(string Name, string Version, string? Commit = null);

/// <summary>The machine that made a bundle.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kernel">The release of its kernel (uname(2)).</param>
/// <param name="BootId">
/// The id of its boot, 32 digits as <c>journalctl --list-boots</c> shows it; null where it is not known.
/// </param>
public sealed record ReceiptHost(string Name, string Kernel, string? BootId = null);

/// <summary>Who made a bundle, and where.</summary>
/// <param name="Program">The program.</param>
/// <param name="Host">The machine.</param>
/// <param name="Command">The command line; null where there is none.</param>
internal sealed record ReceiptOrigin(ReceiptProgram? Program, ReceiptHost? Host, string? Command)
{
    /// <summary>The longest command line, in characters. Its middle is left out where it is longer.</summary>
    public const int MaxCommandLength = 400;

    /// <summary>The longest name or version.</summary>
    public const int MaxNameLength = 100;
}
