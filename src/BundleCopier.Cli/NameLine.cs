using BundleCopier.Receipt;

namespace BundleCopier.Cli;

/// <summary>Says that a bundle has another name than the manifest wanted, because that was taken.</summary>
internal static class NameLine
{
    /// <summary>The sentence for people; null where the bundle has the name of the manifest.</summary>
    public static string? Of(BundleReceipt receipt) => receipt.WantedBundle is { } wanted
        ? $"the bundle is {receipt.Bundle}, because the name {wanted} was taken"
        : null;

    /// <summary>Writes the same to standard output, as a JSON object in front of the receipt.</summary>
    public static void Write(BundleReceipt receipt)
    {
        if (receipt.WantedBundle is null)
            return;
        CleanupLines.WriteLine(new(), "renamed", writer =>
        {
            writer.WriteString("wantedBundle", receipt.WantedBundle);
            writer.WriteString("bundle", receipt.Bundle);
        });
    }
}
