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
            .Select(f => folder.Find(f.Output!) is SimFile output ? Problem(f, output.Pages) : $"{f.Output} is missing")
            .FirstOrDefault(static problem => problem is not null);
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
