using System.Buffers.Binary;
using System.Reflection;
using System.Xml.Linq;
using K4os.Compression.LZ4;
using Xunit;

namespace BundleCopier.Tests.Compress;

/// <summary>
/// The native compiler silently ignores the profile of a method that is missing or has changed, and the program
/// becomes slower. These tests detect that.
/// </summary>
public sealed class CodecProfileTests
{
    private const string Program = "src/BundleCopier.Cli/BundleCopier.Cli.csproj";
    private const string Profile = "profile/codec.mibc";
    private const string Advice = "run scripts/profile-codec and commit the profile";

    private const byte LoadMinusOne = 0x15, LoadEight = 0x1E, LoadByte = 0x1F, LoadNumber = 0x20;
    private const byte Pop = 0x26, Return = 0x2A, LoadString = 0x72, LoadToken = 0xD0;

    private readonly Assembly profile =
        Assembly.Load(Repository.ReadBytes(Path.Combine(Path.GetDirectoryName(Program)!, Profile)));

    [Fact]
    public void The_profile_belongs_to_the_codec_that_is_used()
    {
        AssemblyName used = typeof(LZ4Codec).Assembly.GetName();

        AssemblyName? profiled = profile.GetReferencedAssemblies()
            .SingleOrDefault(assembly => assembly.Name == used.Name);

        Assert.True(
            profiled?.Version == used.Version,
            $"{used.Name} is {used.Version}, its profile of {profiled?.Version}: {Advice}");
    }

    [Fact]
    public void Every_method_in_the_profile_is_in_the_codec_with_a_body_of_the_same_size()
    {
        List<ProfiledMethod> methods = [.. Read()];

        Assert.NotEmpty(methods);
        Assert.All(methods, method =>
        {
            int? now = method.Method.GetMethodBody()?.GetILAsByteArray()?.Length;
            Assert.True(now == method.IlBytes, $"{method.Method} had {method.IlBytes} bytes and has {now}: {Advice}");
        });
    }

    [Theory]
    [InlineData("LZ4_compress_generic")]
    [InlineData("LZ4_decompress_generic")]
    public void The_loops_of_the_codec_are_in_the_profile_with_their_counters(string name)
    {
        ProfiledMethod method =
            Assert.Single(Read(), method => method.Method.Name == name && method.Method.DeclaringType!.Name == "LL64");

        Assert.True(
            method.Counts.Max() > 100_000, $"{name} was hardly used, at most {method.Counts.Max()} times: {Advice}");
    }

    [Fact]
    public void The_native_compiler_is_given_the_profile()
    {
        IEnumerable<string?> given =
            XDocument.Parse(Repository.ReadText(Program)).Descendants("MibcFile")
                .Select(item => (string?)item.Attribute("Include"));

        Assert.Contains($"$(MSBuildThisFileDirectory){Profile}", given);
    }

    private sealed record ProfiledMethod(MethodBase Method, int IlBytes, IReadOnlyList<int> Counts);

    /// <summary>
    /// A profile consists of code that never runs: for each method its token, the size of its body and its counters.
    /// A counter is six numbers; the last one is the count.
    /// </summary>
    private IEnumerable<ProfiledMethod> Read()
    {
        Module module = profile.ManifestModule;
        byte[] code = module.GetMethod("Methods")!.GetMethodBody()!.GetILAsByteArray()!;
        MethodBase? method = null;
        List<int> numbers = [];
        for (int at = 0; at < code.Length;)
        {
            byte instruction = code[at++];
            switch (instruction)
            {
                case LoadToken:
                    method = module.ResolveMethod(Operand());
                    break;
                case LoadString:
                    Operand();
                    break;
                case LoadNumber:
                    numbers.Add(Operand());
                    break;
                case LoadByte:
                    numbers.Add((sbyte)code[at++]);
                    break;
                case >= LoadMinusOne and <= LoadEight:
                    numbers.Add(instruction - LoadMinusOne - 1);
                    break;
                case Pop:
                    yield return new ProfiledMethod(
                        method!, numbers[0], [.. numbers.Skip(1).Chunk(6).Select(counter => counter[^1])]);
                    numbers.Clear();
                    break;
                default:
                    Assert.Equal(Return, instruction);
                    break;
            }

            int Operand()
            {
                at += sizeof(int);
                return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at - sizeof(int)));
            }
        }
    }
}
