namespace BundleCopier.Input;

/// <summary>Suggests the right word for a mistyped one.</summary>
internal static class Nearest
{
    /// <summary>The candidate most similar to <paramref name="word"/>; null when none is similar enough.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        // The maximum number of typing errors. With more, the user probably meant another word.
        int allowed = word.Length switch { <= 3 => 1, <= 6 => 2, _ => 3 };
        foreach (string candidate in candidates)
        {
            // The edit distance takes quadratic time, and the word comes from outside: compare the lengths first.
            if (Math.Abs(candidate.Length - word.Length) > allowed)
                continue;
            int distance = Distance(word, candidate);
            // Of equally similar candidates the first is taken, so that the answer depends only on the list.
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

    /// <summary>
    /// A sentence that tells how to correct a name: the most similar allowed one, or else all of them.
    /// </summary>
    public static string Mend(string word, IReadOnlyCollection<string> allowed) =>
        To(word, allowed) is string near
            ? $"Did you mean \"{near}\"?"
            : $"Allowed here: {string.Join(", ", allowed)}.";

    // The optimal string alignment distance: insert, delete, replace, and swap of two neighbours cost 1 each. Case is
    // ignored.
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
