using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace BundleCopier.Tests.Fuzzing;

/// <summary>
/// Which branches of the engine an input takes, where the engine is instrumented (<c>scripts/fuzz --guided</c>). The
/// tool sharpfuzz adds code to the assembly that counts each branch in a map of 64 KiB, as AFL does. It is found by
/// reflection, so the tests need no package for it.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int MapBytes = 64 * 1024;

    private readonly byte* map = (byte*)NativeMemory.AllocZeroed(MapBytes);
    private readonly byte[] seen = new byte[MapBytes];

    private Coverage(Type trace) =>
        trace.GetField("SharedMem")!.SetValue(null, Pointer.Box(map, typeof(byte*)));

    /// <summary>How many branches were taken so far.</summary>
    public int Count => seen.Count(static b => b != 0);

    /// <summary>Null where the engine is not instrumented.</summary>
    public static Coverage? Of()
    {
        string common = Path.Combine(AppContext.BaseDirectory, "SharpFuzz.Common.dll");
        return File.Exists(common) && Assembly.LoadFrom(common).GetType("SharpFuzz.Common.Trace") is { } trace
            ? new Coverage(trace)
            : null;
    }

    /// <summary>An input begins.</summary>
    public void Begin() => new Span<byte>(map, MapBytes).Clear();

    /// <summary>
    /// An input has ended. True where it took a branch for the first time, or more often than before: 1, 2, 4, ... 128
    /// times.
    /// </summary>
    public bool EndsWithNew()
    {
        bool isNew = false;
        for (int i = 0; i < MapBytes; i++)
        {
            if (map[i] == 0)
                continue;
            byte often = (byte)(1 << BitOperations.Log2(map[i]));
            isNew |= (seen[i] & often) == 0;
            seen[i] |= often;
        }

        return isNew;
    }
}
