using BundleCopier.Receipt;
using BundleCopier.Settings;

namespace BundleCopier.Cli;

/// <summary>Says that a bundle has another name than the manifest wanted, because that was taken.</summary>
internal static class NameLine
{
    /// <summary>The sentence for people; null where the bundle has the name of the manifest.</summary>
    public static string? Of(BundleReceipt receipt) => receipt switch
    {
        { WantedBundle: { } wanted, WantedBundleDataBytes: { } bytes } =>
            $"the bundle is {receipt.Bundle}; the old bundle {wanted} stays, because it holds more "
                + $"({ByteSize.Format(bytes)})",
        { WantedBundle: { } wanted } => $"the bundle is {receipt.Bundle}, because the name {wanted} was taken",
        _ => null,
    };

    /// <summary>Writes the same to standard output, as a JSON object in front of the receipt.</summary>
    public static void Write(BundleReceipt receipt)
    {
        if (receipt.WantedBundle is null)
            return;
        CleanupLines.WriteLine(new(), "renamed", writer =>
        {
            writer.WriteString("wantedBundle", receipt.WantedBundle);
            writer.WriteString("bundle", receipt.Bundle);
            if (receipt.WantedBundleDataBytes is { } bytes)
                writer.WriteNumber("wantedBundleDataBytes", bytes);
        });
    }
}
