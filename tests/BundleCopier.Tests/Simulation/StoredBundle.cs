using System.IO.Hashing;
using BundleCopier.Receipt;

namespace BundleCopier.Tests.Simulation;

/// <summary>Compares a bundle on a simulated disk with its own receipt, and with nothing else.</summary>
internal static class StoredBundle
{
    /// <summary>What is wrong with it; null when it is whole as its receipt says.</summary>
    public static string? Problem(SimNode bundle)
    {
        if (bundle is not SimFolder folder)
            return "it is no directory";
        if (folder.Children.GetValueOrDefault("receipt.json") is not SimFile stored)
            return "it has no receipt";
        byte[] text = new byte[stored.Pages.Length];
        stored.Pages.Read(0, text);
        if (ReceiptReader.Read(new MemoryStream(text), "receipt") is not { IsOk: true, Value: var receipt })
            return "its receipt cannot be read";
        return receipt.Files.Where(static f => f.Output is not null)
            .Select(f => SegmentsProblem(f, folder)
                ?? (folder.Find(f.Output!) is SimFile output ? Problem(f, output.Pages) : $"{f.Output} is missing"))
            .FirstOrDefault(static problem => problem is not null);
    }

    /// <summary>
    /// What is wrong with the checksums of a file's segments: the entries of its record, and then its size, must give
    /// the checksum in the receipt (docs/format.md). Null when nothing is, or it has none.
    /// </summary>
    public static string? SegmentsProblem(ReceiptFile file, SimFolder bundle)
    {
        if (file.SegmentChecksumsOffset is not { } offset)
            return null;
        if (bundle.Children.GetValueOrDefault("checksums") is not SimFile checksums)
            return "the checksums of segments are missing";
        byte[] header = new byte[16];
        checksums.Pages.Read(offset, header);
        long count = BitConverter.ToInt64(header, 8);
        if (!header.AsSpan().StartsWith("BCSUMS1\0"u8) || count is <= 0 or > 1 << 20)
            return $"the segments of {file.Name} have no record";
        byte[] entries = new byte[16 * count];
        checksums.Pages.Read(offset + header.Length, entries);
        byte[] hashed = [.. entries, .. BitConverter.GetBytes(file.SizeBytes)];
        return file.Checksum == $"xxh3-segments:{XxHash3.HashToUInt64(hashed):x16}"
            ? null : $"the record of the segments of {file.Name} is not right";
    }

    private static string? Problem(ReceiptFile file, SimPages output)
    {
        SimPages content = output;
        if (file.Compression == OutputCompression.Lz4)
        {
            try
            {
                content = SimStream.Content(output);
            }
#pragma warning disable CA1031 // A damaged stream may give any exception.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return $"{file.Output} cannot be decompressed: {e.Message}";
            }
        }
        else if (content.Length != file.SizeBytes)
        {
            return $"{file.Output} has {content.Length} bytes and should have {file.SizeBytes}";
        }

        if (file.Checksum is null)
            return null;
        string found = ExpectedChecksum.Of(
            content.Present.Select(p => (p, BundleCheck.Masked(content, p, file.Ranges))), file.SizeBytes);
        return found == file.Checksum ? null : $"{file.Output} has other bytes than its receipt says";
    }
}
