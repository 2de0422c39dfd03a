using System.Text;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>What the native program consists of.</summary>
[Trait("Program", "native")]
public sealed class NativeProgramTests
{
    /// <summary>docs/decisions/0037-smaller-native-program.md. Stack traces need the names of types.</summary>
    [KernelFact(Needs.Native)]
    public void The_program_has_the_actors_of_Akka_and_neither_its_JSON_library_nor_XML()
    {
        byte[] program = File.ReadAllBytes(Cli.Native!);
        Assert.True(Has("LocalActorRefProvider"));
        Assert.False(Has("JsonTextWriter"), "Newtonsoft.Json");
        Assert.False(Has("XmlReaderSettings"), "System.Xml");

        bool Has(string type) => program.AsSpan().IndexOf(Encoding.UTF8.GetBytes(type)) >= 0;
    }
}
