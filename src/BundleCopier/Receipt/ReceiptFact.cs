using System.Globalization;
using System.IO.Hashing;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>A fact about a process or about the machine, which is a small file of the bundle.</summary>
/// <param name="Name">Its path in the bundle, such as <c>facts/4711/maps</c>.</param>
/// <param name="Bytes">Its length; 0 where it is not in the bundle.</param>
/// <param name="Checksum"><c>xxh3:hex</c> over its bytes; null where it is not in the bundle.</param>
/// <param name="Cut">True where only its start is kept; null otherwise.</param>
/// <param name="Error">Why it is not in the bundle, such as <c>EACCES</c>; null where it is.</param>
public sealed record ReceiptFact(
    string Name, long Bytes, string? Checksum = null, bool? Cut = null, string? Error = null)
{
    /// <summary>The longest fact that is kept, in bytes.</summary>
    internal const int MaxBytes = 1 << 20;

    /// <summary>The space of one in a receipt, in bytes: five fields, indented.</summary>
    internal const int RoomBytes = 320;

    /// <summary>The checksum of a fact.</summary>
    internal static string ChecksumOf(ulong digest) =>
        $"xxh3:{digest.ToString("x16", CultureInfo.InvariantCulture)}";

    /// <summary>The checksum of a fact.</summary>
    internal static string ChecksumOf(ReadOnlySpan<byte> content) => ChecksumOf(XxHash3.HashToUInt64(content));

    /// <summary>The first field that cannot be right, and why; null when all can.</summary>
    internal (string Field, string Problem)? Problem()
    {
        string[] names = PathText.Components(Name);
        bool isName = names is [BundleNames.Facts, { Length: > 0 }, { Length: > 0 }]
            && !Name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_/");
        return !isName ? ("name", "is not the name of a fact")
            : Bytes is < 0 or > MaxBytes ? ("bytes", $"is {Bytes}")
            : null;
    }
}
