using System.Globalization;
using System.Reflection;

namespace BundleCopier.Benchmarks;

/// <summary>One counter of an instrumented method.</summary>
/// <param name="Kind">What it counts, in the runtime's numbers (PgoInstrumentationKind): blocks or edges between blocks.</param>
/// <param name="Offset">Where in the IL the block is, or where the edge comes from.</param>
/// <param name="Other">Where the edge goes.</param>
/// <param name="Count">How often.</param>
internal readonly record struct ProfileCounter(int Kind, int Offset, int Other, int Count);

/// <summary>What an instrumented run counted in one method.</summary>
internal sealed record MethodProfile(MethodInfo Method, int IlBytes, IReadOnlyList<ProfileCounter> Counters)
{
    // A 4-byte counter of a block and of an edge. Others (histograms of types and of values) name things that are not in the codec.
    private static readonly int[] UnderstoodKinds = [0x41, 0x181];

    /// <summary>
    /// Reads from the text that the runtime leaves at its end with DOTNET_WritePGOData=1 what it says of one assembly. A method is
    /// three lines (hashes and sizes, its name, its signature), then two for each counter:
    /// <code>
    /// @@@ codehash 0x23432B65 methodhash 0x93C87970 ilSize 0x00000016 records 0x00000002
    /// MethodName: K4os.Compression.LZ4.Internal.Mem64.WildCopy8
    /// Signature: void  (unsigned int8*,unsigned int8*,void*)
    /// Schema InstrumentationKind 385 ILOffset 21 Count 1 Other 0
    /// 15944
    /// </code>
    /// </summary>
    public static IEnumerable<MethodProfile> Read(IReadOnlyList<string> lines, Assembly assembly)
    {
        for (int at = 0; at + 2 < lines.Count; at++)
        {
            if (!lines[at].StartsWith("@@@", StringComparison.Ordinal))
                continue;
            int ilBytes = int.Parse(Field(lines[at], "ilSize").AsSpan("0x".Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            string name = Field(lines[at + 1], "MethodName:");
            if (Find(assembly, name, ilBytes) is not { } method)
                continue;
            List<ProfileCounter> counters = [.. ReadCounters(lines, at + 3)];
            if (counters.TrueForAll(counter => counter.Count == 0))
                continue;
            if (counters.Find(counter => !UnderstoodKinds.Contains(counter.Kind)) is { Kind: not 0 } strange)
                throw new InvalidDataException($"{name} has a counter of the unknown kind {strange.Kind}.");
            yield return new MethodProfile(method, ilBytes, counters);
        }
    }

    private static IEnumerable<ProfileCounter> ReadCounters(IReadOnlyList<string> lines, int at)
    {
        for (; at + 1 < lines.Count && lines[at].StartsWith("Schema", StringComparison.Ordinal); at += 2)
        {
            yield return new ProfileCounter(
                Number(Field(lines[at], "InstrumentationKind")),
                Number(Field(lines[at], "ILOffset")),
                Number(Field(lines[at], "Other")),
                Number(lines[at + 1]));
        }
    }

    /// <summary>Overloads are told apart by the size of their bodies; null when that does not single one out.</summary>
    private static MethodInfo? Find(Assembly assembly, string name, int ilBytes)
    {
        const BindingFlags Declared =
            BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

        int dot = name.LastIndexOf('.');
        MethodInfo[] found =
        [
            .. assembly.GetType(name[..Math.Max(dot, 0)])?.GetMethods(Declared)
                .Where(method => method.Name == name[(dot + 1)..] && method.GetMethodBody()?.GetILAsByteArray()?.Length == ilBytes) ?? [],
        ];
        return found.Length == 1 ? found[0] : null;
    }

    private static string Field(string line, string name)
    {
        string[] words = line.Split(' ');
        return words[Array.IndexOf(words, name) + 1];
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
