using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>
/// The assemblies of the native program are as src/BundleCopier.Cli/Native.Substitutions.xml assumes.
/// </summary>
public sealed class NativeProgramInputTests
{
    [Fact]
    public void Only_Akka_asks_for_secure_random_numbers_which_the_native_program_does_not_have()
    {
        Dictionary<string, bool> asks = [];
        Look(Path.Combine(AppContext.BaseDirectory, "bundlecopy.dll"), asks);
        Assert.True(asks.ContainsKey("BundleCopier"));
        Assert.Equal(["Akka"], asks.Where(a => a.Value).Select(a => a.Key));
    }

    // Follows references through all assemblies of the program; those of the framework are in another directory.
    private static void Look(string path, Dictionary<string, bool> asks)
    {
        if (!File.Exists(path) || !asks.TryAdd(Path.GetFileNameWithoutExtension(path), false))
            return;
        using PEReader file = new(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        asks[Path.GetFileNameWithoutExtension(path)] =
            metadata.TypeReferences.Any(
                t => metadata.GetString(metadata.GetTypeReference(t).Name) == "RandomNumberGenerator");
        foreach (AssemblyReferenceHandle reference in metadata.AssemblyReferences)
        {
            string name = metadata.GetString(metadata.GetAssemblyReference(reference).Name);
            Look(Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), asks);
        }
    }
}
