using System.Globalization;
using System.Reflection;

namespace BundleCopier.Benchmarks;

/// <summary>One counter of an instrumented method.</summary>
/// <param name="Kind">
/// What it counts (the runtime's PgoInstrumentationKind): blocks, or edges between blocks.
/// </param>
/// <param name="Offset">The block's offset in the IL, or the start of the edge.</param>
/// <param name="Other">The end of the edge.</param>
/// <param name="Count">How often.</param>
internal readonly record struct ProfileCounter(int Kind, int Offset, int Other, int Count);

/// <summary>The counters of one method in an instrumented run.</summary>
internal sealed record MethodProfile(MethodInfo Method, int IlBytes, IReadOnlyList<ProfileCounter> Counters)
{
    // A 4-byte counter of a block, and one of an edge. Histograms of types and values do not occur in the codec.
    private static readonly int[] UnderstoodKinds = [0x41, 0x181];

    /// <summary>
    /// Reads the counters of one assembly from the text that the runtime writes at its end with DOTNET_WritePGOData=1.
    /// A method is three lines (hashes and sizes, its name, its signature), then two for each counter:
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
            int ilBytes = int.Parse(
                Field(lines[at], "ilSize").AsSpan("0x".Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
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

    /// <summary>
    /// Finds an overload by the size of its body; null if several have this size, or none.
    /// </summary>
    private static MethodInfo? Find(Assembly assembly, string name, int ilBytes)
    {
        const BindingFlags Declared =
            BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance
            | BindingFlags.Public | BindingFlags.NonPublic;

        int dot = name.LastIndexOf('.');
        MethodInfo[] found =
        [
            .. assembly.GetType(name[..Math.Max(dot, 0)])?.GetMethods(Declared)
                .Where(
                    method =>
                        method.Name == name[(dot + 1)..]
                            && method.GetMethodBody()?.GetILAsByteArray()?.Length == ilBytes)
                    ?? [],
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
