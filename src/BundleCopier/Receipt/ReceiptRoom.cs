using System.Buffers;
using BundleCopier.Model;

namespace BundleCopier.Receipt;

/// <summary>
/// How much space a receipt can need, in bytes. The space is reserved before the first file is copied, so that the
/// receipt can be written even when the files have filled the disk. What has no natural limit gets one here.
/// </summary>
internal static class ReceiptRoom
{
    /// <summary>
    /// The pieces of files that a bundle may have beyond the ranges that the manifest asks for. Failures in the middle
    /// of a file split what was saved into pieces.
    /// </summary>
    public const int SpareRanges = 2048;

    /// <summary>The same where space is short.</summary>
    public const int SpareRangesWhenShort = 16;

    private const long HeadBytes = 64 * 1024;

    // What is outside of the files takes 4 KiB. The rest is freed before the commit needs blocks for directories.
    private const long HeadBytesWhenShort = 16 * 1024;

    // Two numbers of 19 digits with their names, indented
    private const long RangeBytes = 104;

    // The JSON writer escapes a character with at most six bytes (\u0000).
    private const long CharacterBytes = 6;

    // Characters that JSON has one byte for.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c)
            .Where(static c => c is not ('"' or '\\'))]);

    /// <summary>
    /// The space for extended attributes. Other users may set them, so they get little: enough for the label of a
    /// security module on each file, and for more on a few.
    /// </summary>
    public static long XattrBytes(int files) => (64 * 1024) + (256L * files);

    /// <summary>The space of one extended attribute, in base64.</summary>
    public static long XattrBytes(string name, int valueBytes) => XattrNameBytes(name) + (((valueBytes + 2L) / 3) * 4);

    /// <summary>The space of the name of an extended attribute.</summary>
    public static long XattrNameBytes(string name) => 32 + (CharacterBytes * name.Length);

    /// <summary>
    /// The space of one file without extended attributes. An entry without its names has about 800 bytes and an error
    /// 300 more. Each name is in the entry up to three times.
    /// </summary>
    /// <param name="sourceBytes">The source's path in JSON.</param>
    /// <param name="nameBytes">The name in the bundle in JSON.</param>
    /// <param name="ranges">Ranges that the manifest asks for.</param>
    public static long FileBytes(long sourceBytes, long nameBytes, int ranges) =>
        1300 + (3 * (sourceBytes + nameBytes)) + (RangeBytes * (1 + ranges));

    /// <summary>The most space that a text takes in JSON.</summary>
    public static long TextBytes(ReadOnlySpan<char> text) =>
        text.ContainsAnyExcept(Plain) ? CharacterBytes * text.Length : text.Length;

    /// <summary>The space of what the receipt says of a core, beyond its entry.</summary>
    public const long CoreBytes = 256 + (CharacterBytes * BundleLimits.MaxExecutableLength);

    /// <summary>The space of the mappings of a file: five fields each, indented.</summary>
    public static long MappingsBytes(int mappings) => mappings == 0 ? 0 : 96 + (224L * mappings);

    /// <summary>The space for everything but the files.</summary>
    public static long CommonBytes(IReadOnlyDictionary<string, string>? labels, int files) => HeadBytes
        + (ReceiptSample.RoomBytes * ReceiptSample.MaxCount)
        + (RangeBytes * SpareRanges)
        + XattrBytes(files)
        + LabelsBytes(labels);

    /// <summary>The same where space is short: extended attributes and the timeline are left out.</summary>
    public static long CommonBytesWhenShort(IReadOnlyDictionary<string, string>? labels) =>
        HeadBytesWhenShort + (RangeBytes * SpareRangesWhenShort) + LabelsBytes(labels);

    private static long LabelsBytes(IReadOnlyDictionary<string, string>? labels) =>
        labels?.Sum(static label => 16 + (CharacterBytes * (label.Key.Length + label.Value.Length))) ?? 0;
}
