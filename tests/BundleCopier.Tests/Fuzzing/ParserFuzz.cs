using System.Diagnostics;
using Xunit.Sdk;

namespace BundleCopier.Tests.Fuzzing;

/// <summary>One parser and what must hold for any input: it throws nothing that is not a failed check.</summary>
/// <param name="Name">Its name; the directory of its inputs in <c>corpus</c>.</param>
/// <param name="Inputs">Inputs that are changed.</param>
/// <param name="MaxAllocatedBytes">How much it may allocate for one input of at most 64 KiB.</param>
/// <param name="Check">Reads an input, and checks the result.</param>
internal sealed record ParserTarget(
    string Name, IReadOnlyList<byte[]> Inputs, long MaxAllocatedBytes, Action<byte[]> Check)
{
    /// <summary>The inputs that are kept in the repository for a parser.</summary>
    public static IEnumerable<byte[]> Corpus(string name)
    {
        string directory = Path.Combine(Repository.Folder, "tests/BundleCopier.Tests/Fuzzing/corpus", name);
        return Directory.GetFiles(directory).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
    }
}

/// <summary>Gives a parser random inputs. A seed and a number make a case, so any case can be repeated alone.</summary>
internal sealed class ParserFuzz(ParserTarget target, int seed)
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    /// <summary>Runs cases on two threads.</summary>
    public void Run(int from, int count) => Parallel.For(
        from, from + count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, RunOne);

    private void RunOne(int number)
    {
        Random random = new(unchecked((seed * 486_187_739) + number));
        byte[] input = Mutation.Of(target.Inputs, random);
        long startedAt = Stopwatch.GetTimestamp();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Check(input);
            long allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocatedBytes > target.MaxAllocatedBytes)
                throw new InvalidOperationException($"it allocated {allocatedBytes} bytes");
            if (Stopwatch.GetElapsedTime(startedAt) > MaxTime)
                throw new InvalidOperationException($"it took more than {MaxTime}");
        }
        catch (Exception error)
        {
            throw new XunitException(
                $"{target.Name}, seed {seed}, case {number}: {error.Message}\n"
                + $"To repeat it: scripts/fuzz --parsers --seed {seed} --from {number} --cases 1\n"
                + $"The beginning of its {input.Length} bytes, in base64: "
                + Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 600))),
                error);
        }
    }
}
