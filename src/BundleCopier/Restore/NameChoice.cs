using BundleCopier.Input;
using BundleCopier.Receipt;

namespace BundleCopier.Restore;

/// <summary>Finds the files of a receipt that somebody names.</summary>
internal static class NameChoice
{
    /// <summary>The places of the named files in the receipt, in its order; of all files when none is named.</summary>
    /// <param name="receipt">The receipt.</param>
    /// <param name="names">Exact names.</param>
    /// <param name="error">Which name there is not.</param>
    public static IReadOnlyList<int> Find(BundleReceipt receipt, IReadOnlyList<string> names, out InputError? error)
    {
        error = null;
        if (names.Count == 0)
            return [.. Enumerable.Range(0, receipt.Files.Count)];
        HashSet<string> wanted = [.. names];
        List<int> found = [];
        for (int i = 0; i < receipt.Files.Count; i++)
        {
            if (wanted.Contains(receipt.Files[i].Name))
                found.Add(i);
        }

        wanted.ExceptWith(found.Select(i => receipt.Files[i].Name));
        if (names.FirstOrDefault(wanted.Contains) is { } unknown)
            error = new InputError("NAME", "", $"{Printable.Quoted(unknown)} is not in the bundle", Mend(receipt, unknown));
        return found;
    }

    private static string Mend(BundleReceipt receipt, string unknown)
    {
        // Whoever looked into the bundle names what is there: files/NAME.lz4.
        string? near = receipt.Files.FirstOrDefault(f => f.Output == unknown || f.Output == $"{NameRules.FilesPrefix}{unknown}")?.Name
            ?? Nearest.To(unknown, receipt.Files.Select(static f => f.Name));
        return near is null ? "The receipt lists the names." : $"Did you mean {Printable.Quoted(near)}?";
    }
}
