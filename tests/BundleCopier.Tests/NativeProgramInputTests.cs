using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Akka.Configuration;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>
/// The assemblies of the native program are as Native.Substitutions.xml and Akka.Roots.xml in src/BundleCopier.Cli
/// assume.
/// </summary>
public sealed partial class NativeProgramInputTests
{
    [Fact]
    public void Only_Akka_asks_for_secure_random_numbers_which_the_native_program_does_not_have()
    {
        Dictionary<string, bool> asks = [];
        Look(Path.Combine(AppContext.BaseDirectory, "bundlecopy.dll"), asks);
        Assert.True(asks.ContainsKey("BundleCopier"));
        Assert.Equal(["Akka"], asks.Where(a => a.Value).Select(a => a.Key));
    }

    [Fact]
    public void Each_type_that_the_configuration_of_Akka_names_is_kept_or_never_made()
    {
        // Sockets, and serializers, for which NoSerializer stands.
        string[] unused = ["Akka.IO.", "Akka.Serialization."];
        XDocument roots = XDocument.Parse(Repository.ReadText("src/BundleCopier.Cli/Akka.Roots.xml"));
        string[] kept = [.. roots.Descendants("type").Select(static t => t.Attribute("fullname")!.Value.TrimEnd('*'))];
        string[] named = [.. TypeNames().Matches(ConfigurationFactory.Default().ToString())
            .Select(static m => m.Value)
            .Where(static name => typeof(Akka.Actor.ActorSystem).Assembly.GetType(name) is not null)];
        Assert.Contains("Akka.Actor.LocalActorRefProvider", named);
        Assert.DoesNotContain(named, name => !kept.Concat(unused).Any(name.StartsWith));
    }

    [GeneratedRegex(@"Akka\.[A-Za-z]+\.[A-Za-z.]+")]
    private static partial Regex TypeNames();

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
