using BundleCopier.Model;

namespace BundleCopier.Tests.Simulation;

/// <summary>Small bundles on a simulated disk, which no run has made.</summary>
internal static class SimBundles
{
    /// <summary>Puts a bundle with one file on a disk.</summary>
    public static SimFolder Add(SimFolder disk, string name, DateTimeOffset finishedAt, int pages = 1)
    {
        SimFolder bundle = new();
        SimFolder files = new();
        SimFile heap = new();
        heap.Pages.SetLength((long)pages * SimPages.PageBytes);
        for (int page = 0; page < pages; page++)
            heap.Pages.Put(page, new byte[SimPages.PageBytes]);
        files.Add("heap", heap);
        bundle.Add(BundleNames.Files, files);
        bundle.Add(BundleNames.Receipt, Receipt(name, finishedAt));
        disk.Add(name, bundle);
        foreach ((_, SimNode node) in disk.Below(""))
            node.Synced();
        return bundle;
    }

    public static SimFile Receipt(string bundle, DateTimeOffset finishedAt)
    {
        string text = $$"""
            { "version": 1, "bundle": "{{bundle}}", "status": "complete", "startedAt": "{{finishedAt:O}}",
              "finishedAt": "{{finishedAt:O}}", "labels": {}, "files": [] }
            """;
        SimFile receipt = new();
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        receipt.Pages.SetLength(bytes.Length);
        receipt.Pages.Write(0, bytes);
        return receipt;
    }
}
