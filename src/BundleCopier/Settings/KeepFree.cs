using System.Globalization;

namespace BundleCopier.Settings;

/// <summary>
/// Free space that a copy leaves on the filesystem of the destination: bytes, or a part of the filesystem's size.
/// </summary>
/// <param name="Bytes">How many bytes; 0 where it is a part.</param>
/// <param name="Percent">How many hundredths of the filesystem's size; 0 where it is a number of bytes.</param>
public readonly record struct KeepFree(long Bytes, int Percent = 0)
{
    private const int MaxPercent = 99;

    /// <summary>True when some space must stay free.</summary>
    public bool IsSet => Bytes > 0 || Percent > 0;

    internal bool IsValid => Bytes >= 0 && Percent is >= 0 and <= MaxPercent && (Bytes == 0 || Percent == 0);

    internal static string Mend => $"Give a size, such as 1GiB, or a part of the filesystem from 0% to {MaxPercent}%.";

    /// <summary>The setting as a user writes it.</summary>
    public override string ToString() => Percent > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Percent}%")
        : ByteSize.ToSetting(Bytes);

    internal static bool TryParse(string text, out KeepFree keepFree)
    {
        keepFree = default;
        string trimmed = text.Trim();
        if (!trimmed.EndsWith('%'))
        {
            bool isSize = ByteSize.TryParse(trimmed, out long bytes);
            keepFree = new KeepFree(bytes);
            return isSize;
        }

        bool isPercent = int.TryParse(
            trimmed.AsSpan(0, trimmed.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int percent);
        keepFree = new KeepFree(0, percent);
        return isPercent && keepFree.IsValid;
    }

    /// <summary>How many bytes of a filesystem stay free.</summary>
    internal long Of(long totalBytes) => Percent > 0 ? (long)((Int128)totalBytes * Percent / 100) : Bytes;
}
