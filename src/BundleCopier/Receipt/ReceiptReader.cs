using BundleCopier.Input;

namespace BundleCopier.Receipt;

/// <summary>
/// Reads a receipt back. A receipt can be damaged or come from another program, so every field is checked.
/// </summary>
public static class ReceiptReader
{
    /// <summary>Reads and checks a receipt without holding its text in memory.</summary>
    /// <param name="utf8">A stream of the text, in UTF-8. Errors of the stream itself are thrown by it.</param>
    /// <param name="where">What error messages call it, such as <c>receipt.json</c>.</param>
    public static Parsed<BundleReceipt> Read(Stream utf8, string where)
    {
        ArgumentNullException.ThrowIfNull(utf8);
        List<ReceiptFile> files = [];
        Parsed<BundleReceipt> rest = Read(utf8, where, ReceiptLimits.None, files.Add, () => files);
        return rest.IsOk ? rest.Value with { Files = files.AsReadOnly() } : rest;
    }

    /// <summary>Reads and checks a receipt, and holds none of its files in memory.</summary>
    /// <param name="utf8">A stream of the text, in UTF-8. Errors of the stream itself are thrown by it.</param>
    /// <param name="where">What error messages call it.</param>
    /// <param name="limits">How large its parts may be.</param>
    /// <param name="take">Gets each file, checked on its own. The receipt can still turn out to be damaged.</param>
    /// <param name="again">Reads all files once more, where it is not certain that their names differ.</param>
    /// <returns>The receipt without its files, or the first error.</returns>
    internal static Parsed<BundleReceipt> Read(
        Stream utf8,
        string where,
        ReceiptLimits limits,
        Action<ReceiptFile> take,
        Func<IEnumerable<ReceiptFile>> again)
    {
        ReceiptScanner scanner = new(utf8, where, limits);
        ReceiptNames names = new();
        while (scanner.Next() is { } file)
        {
            if (!file.IsOk)
                return file.Error;
            names.Add(file.Value);
            take(file.Value);
        }

        Parsed<BundleReceipt> rest = scanner.Rest();
        return rest.IsOk && names.Clash(again) is { } clash ? new ReceiptErrors(where).Of(clash) : rest;
    }
}
