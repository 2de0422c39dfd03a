using System.Text;

namespace BundleCopier.Manifest;

internal enum GlobKind
{
    Literal,
    Any,
    Star,
    Set,
}

/// <summary>One piece of a pattern: it matches one character, or is a star.</summary>
internal sealed record GlobToken(GlobKind Kind, Rune Rune, GlobSet? Set, bool WasEscapedWildcard)
{
    public bool IsLiteralDot => Kind == GlobKind.Literal && Rune.Value == '.';

    public bool Matches(Rune rune) => Kind switch
    {
        GlobKind.Literal => rune == Rune,
        GlobKind.Any => true,
        GlobKind.Set => Set!.Contains(rune),
        _ => false,
    };

    public static List<GlobToken> ParseAll(string pattern)
    {
        List<GlobToken> tokens = [];
        Rune[] runes = [.. pattern.EnumerateRunes()];
        // After a set without an end, no later set has one. Without this check "[[[[..." would be quadratic.
        bool canClose = true;
        for (int i = 0; i < runes.Length; i++)
        {
            switch (runes[i].Value)
            {
                case '*':
                    // In one component "**" means the same as "*".
                    if (tokens.Count == 0 || tokens[^1].Kind != GlobKind.Star)
                        tokens.Add(new GlobToken(GlobKind.Star, default, null, false));
                    break;
                case '?':
                    tokens.Add(new GlobToken(GlobKind.Any, default, null, false));
                    break;
                case '[' when canClose && GlobSet.TryParse(runes, i, out GlobSet? set, out int end):
                    tokens.Add(new GlobToken(GlobKind.Set, default, set, false));
                    i = end;
                    break;
                case '\\' when i + 1 < runes.Length:
                    i++;
                    tokens.Add(new GlobToken(GlobKind.Literal, runes[i], null, runes[i].Value is '*' or '?' or '['));
                    break;
                case '[':
                    canClose = false;
                    tokens.Add(new GlobToken(GlobKind.Literal, runes[i], null, false));
                    break;
                default:
                    tokens.Add(new GlobToken(GlobKind.Literal, runes[i], null, false));
                    break;
            }
        }
        return tokens;
    }
}
