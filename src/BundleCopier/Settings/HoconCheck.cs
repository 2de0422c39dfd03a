using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>
/// Looks over HOCON text before Akka's parser gets it, because that parser takes much that is wrong in silence: it
/// closes what was left open, ends at a brace too many and drops the rest, fails without a position on "include", and
/// answers an unresolved ${?x} with a structure that contains itself. Deep nesting would overflow its stack, and a
/// list with a '=' or a bracket in the wrong place, or braces without a key between them, keep it busy for ever.
/// </summary>
internal static class HoconCheck
{
    /// <summary>The largest configuration that is read, in characters.</summary>
    public const int MaxLength = 1024 * 1024;

    private const int MaxDepth = 32;

    /// <summary>What is wrong with the text, or null.</summary>
    public static InputError? Problem(string text, string where)
    {
        if (text.Length > MaxLength)
            return new InputError(
                where, "", "is larger than 1 MiB", "A configuration needs a few hundred bytes; see bundle.hocon.");
        Stack<(char Bracket, int At)> open = new();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '#' || (c == '/' && At(text, i + 1) == '/'))
            {
                int end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end;
            }
            else if (c == '"')
            {
                int end = EndOfString(text, i);
                if (end < 0)
                    return Error(text, i, where, "a quote is never closed", "Close it on the same line.");
                i = end;
            }
            else if (c == '$')
            {
                return Error(
                    text, i, where, "'$' stands outside quotes, and substitutions (${...}) are not supported", "Write the value out, or put it in quotes.");
            }
            else if (c == '\\')
            {
                return Error(text, i, where, "a backslash stands outside quotes", "Put the text in quotes.");
            }
            else if (c is '{' or '[')
            {
                if (open.TryPeek(out (char Bracket, int At) outer) && outer.Bracket == '['
                    && text.AsSpan(0, i).TrimEnd(" \t") is not [.., '[' or ',' or '\n'])
                    return Error(
                        text, i, where, $"'{c}' follows other text in a list", "Put a comma between them, or the text in quotes.");
                if (c == '[' && outer.Bracket != '['
                    && text.AsSpan(0, i).TrimEnd(" \t") is not ([] or [.., '=' or ':']))
                    return Error(
                        text, i, where, "'[' follows other text", "Put the text in quotes, or a '=' before the list.");
                if (c == '{' && outer.Bracket == '{' && text.AsSpan(0, i).TrimEnd() is [.., '{' or ','])
                    return Error(
                        text, i, where, "'{' stands where a key would", "Put a key and a '=' before it, or take it out.");
                if (open.Count == MaxDepth)
                    return Error(
                        text, i, where, $"is nested more than {MaxDepth} levels deep", "No setting needs that.");
                open.Push((c, i));
            }
            else if (c is '}' or ']')
            {
                if (!open.TryPop(out (char Bracket, int At) opened) || opened.Bracket != (c == '}' ? '{' : '['))
                    return Error(text, i, where, $"'{c}' closes nothing", "Take it out or open what it closes.");
            }
            else if ((c is '=' or ':') && open.TryPeek(out (char Bracket, int At) around) && around.Bracket == '[')
            {
                return Error(
                    text, i, where, $"'{c}' stands in a list", "Put the text in quotes, or a key and its value in braces.");
            }
            else if (StartsInclude(text, i))
            {
                return Error(text, i, where, "\"include\" is not supported", "Write the settings into this file.");
            }
            else if (char.IsControl(c) && c is not ('\t' or '\r' or '\n'))
            {
                return Error(
                    text, i, where, $"holds a control character (U+{(int)c:X4})", "Save it as plain text in UTF-8.");
            }
        }
        return open.TryPop(out (char Bracket, int At) left)
            ? Error(text, left.At, where, $"'{left.Bracket}' is never closed",
                left.Bracket == '{' ? "Add a '}'." : "Add a ']'.")
            : null;
    }

    private static char At(string text, int i) => i < text.Length ? text[i] : '\0';

    private static int EndOfString(string text, int start)
    {
        if (string.CompareOrdinal(text, start, "\"\"\"", 0, 3) == 0)
        {
            int close = text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
            return close < 0 ? -1 : close + 2;
        }
        for (int i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }
        return -1;
    }

    // The directive stands where a key would, and is followed by what to include; a key that is called "include" is
    // followed by = : or {.
    private static bool StartsInclude(string text, int i)
    {
        const string word = "include";
        if (string.CompareOrdinal(text, i, word, 0, word.Length) != 0)
            return false;
        ReadOnlySpan<char> before = text.AsSpan(0, i).TrimEnd(" \t");
        ReadOnlySpan<char> after = text.AsSpan(i + word.Length);
        return before is [] or [.., '\n' or '\r' or '{' or ',' or '}'] && after is [' ' or '\t' or '"', ..]
            && after.TrimStart(" \t") is not ['=' or ':' or '{' or '+', ..];
    }

    private static InputError Error(string text, int at, string where, string problem, string mend)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, at);
        return new InputError(
            where, $"line {before.Count('\n') + 1}, column {at - before.LastIndexOf('\n')}", problem, mend);
    }
}
