using BundleCopier.Model;

namespace BundleCopier.Manifest;

internal enum GlobKind
{
    Literal,
    Any,
    Star,
    Set,
}

/// <summary>One piece of a pattern: it matches one character, or is a star.</summary>
/// <param name="Kind">What it matches.</param>
/// <param name="Character">The character of a literal, as <see cref="NameBytes.Next"/> numbers it.</param>
/// <param name="Set">The characters of a set.</param>
/// <param name="WasEscapedWildcard">It is a wildcard that a backslash made a literal.</param>
internal sealed record GlobToken(GlobKind Kind, int Character, GlobSet? Set, bool WasEscapedWildcard)
{
    public bool IsLiteralDot => Kind == GlobKind.Literal && Character == '.';

    public bool Matches(int character) => Kind switch
    {
        GlobKind.Literal => character == Character,
        GlobKind.Any => true,
        GlobKind.Set => Set!.Contains(character),
        _ => false,
    };

    public static List<GlobToken> ParseAll(string pattern)
    {
        List<GlobToken> tokens = [];
        int[] characters = Characters(pattern);
        // After a set without an end, no later set has one. Without this check "[[[[..." would be quadratic.
        bool canClose = true;
        for (int i = 0; i < characters.Length; i++)
        {
            switch (characters[i])
            {
                case '*':
                    // In one component "**" means the same as "*".
                    if (tokens.Count == 0 || tokens[^1].Kind != GlobKind.Star)
                        tokens.Add(new GlobToken(GlobKind.Star, default, null, false));
                    break;
                case '?':
                    tokens.Add(new GlobToken(GlobKind.Any, default, null, false));
                    break;
                case '[' when canClose && GlobSet.TryParse(characters, i, out GlobSet? set, out int end):
                    tokens.Add(new GlobToken(GlobKind.Set, default, set, false));
                    i = end;
                    break;
                case '\\' when i + 1 < characters.Length:
                    i++;
                    tokens.Add(
                        new GlobToken(GlobKind.Literal, characters[i], null, characters[i] is '*' or '?' or '['));
                    break;
                case '[':
                    canClose = false;
                    tokens.Add(new GlobToken(GlobKind.Literal, characters[i], null, false));
                    break;
                default:
                    tokens.Add(new GlobToken(GlobKind.Literal, characters[i], null, false));
                    break;
            }
        }
        return tokens;
    }

    private static int[] Characters(string pattern)
    {
        List<int> characters = new(pattern.Length);
        for (int at = 0; at < pattern.Length;)
            characters.Add(NameBytes.Next(pattern, ref at));
        return [.. characters];
    }
}
