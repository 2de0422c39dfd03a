namespace BundleCopier.Input;

/// <summary>Finds the word a mistyped one was probably meant to be.</summary>
internal static class Nearest
{
    /// <summary>The candidate nearest to <paramref name="word"/>, or null when none is near enough to be a likely slip.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        // One slip in a short word, two in a middling one, three in a long one; more than that is another word.
        int allowed = word.Length switch { <= 3 => 1, <= 6 => 2, _ => 3 };
        foreach (string candidate in candidates)
        {
            // Edit distance is quadratic and the word comes from outside: a length difference alone can rule it out.
            if (Math.Abs(candidate.Length - word.Length) > allowed)
                continue;
            int distance = Distance(word, candidate);
            // Ties go to the first candidate, so that the answer does not depend on anything but the list.
            if (distance <= allowed && distance < candidate.Length)
            {
                best = candidate;
                allowed = distance - 1;
                if (allowed < 0)
                    break;
            }
        }
        return best;
    }

    /// <summary>A sentence that mends an unknown name: the nearest right one if there is one, else all of them.</summary>
    public static string Mend(string word, IReadOnlyCollection<string> allowed) =>
        To(word, allowed) is string near ? $"Did you mean \"{near}\"?" : $"Allowed here: {string.Join(", ", allowed)}.";

    // Optimal string alignment: insert, delete, replace, and swap of neighbours, each counted once; case counts as no difference.
    private static int Distance(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1];
        int[] last = new int[b.Length + 1];
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                bool same = Same(a[i - 1], b[j - 1]);
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
            (beforeLast, last, row) = (last, row, beforeLast);
        }
        return last[b.Length];
    }

    private static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
}
