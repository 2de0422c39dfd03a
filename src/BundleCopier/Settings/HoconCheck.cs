using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>
/// Checks HOCON text before Akka's parser gets it, because that parser accepts much that is wrong: it closes open
/// brackets, stops at a brace too many and ignores the rest, fails without a position on "include", and makes a
/// structure that contains itself of an unresolved ${?x}. Deep nesting would overflow its stack, and a key of thousands
/// of parts takes it minutes. It never returns for a list with a '=', a bracket in the wrong place or one of the
/// characters <see cref="OnlyInQuotes"/>, for braces without a key between them, or for a key without a value in braces
/// in a list.
/// </summary>
internal static class HoconCheck
{
    /// <summary>The largest configuration that is read, in characters.</summary>
    public const int MaxLength = 1024 * 1024;

    private const int MaxDepth = 32;

    // Of the characters that unquoted text must not have, those that mean nothing in HOCON.
    private const string OnlyInQuotes = "`^?!@*&";

    /// <summary>What is wrong with the text; null when nothing is.</summary>
    public static InputError? Problem(string text, string where)
    {
        if (text.Length > MaxLength)
        {
            return new InputError(
                where, "", "is larger than 1 MiB", "A configuration needs a few hundred bytes; see bundle.hocon.");
        }

        Stack<(char Bracket, int At)> open = new();
        int keyAt = -1; // the start of an entry of braces in a list, until its '='
        bool hasValue = false;
        int dots = 0; // since the last separator
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            dots = c switch
            {
                '.' => dots + 1,
                '\n' or ',' or '=' or ':' or '{' or '}' or '[' or ']' => 0,
                _ => dots,
            };
            if (dots > MaxDepth)
            {
                return Error(
                    text, i, where, $"a name has more than {MaxDepth} dots", "Put it in quotes, if it is a text.");
            }

            bool isInBracket = open.TryPeek(out (char Bracket, int At) innermost) && innermost.Bracket == '[';
            if (c == '=' && hasValue && keyAt >= 0 && !isInBracket)
            {
                return Error(
                    text,
                    i,
                    where,
                    "a second '=' stands on one line, so a comma is missing",
                    "Put a comma between the two settings, or each on a line of its own; a text with '=' in quotes.");
            }

            if (c is '\n' or ',' or '}')
            {
                if (keyAt >= 0 && !hasValue && IsInList(open))
                    return Error(text, keyAt, where, "a key without a value stands in a list", "Give it a value.");
                (keyAt, hasValue) = (-1, false);
            }
            else if (c is '=' or ':' or '{' or '[' or ']' or '}')
            {
                hasValue = true;
            }
            else if (keyAt < 0 && c is not ('#' or '/') && !char.IsWhiteSpace(c))
            {
                keyAt = i;
            }

            if (c == '#' || (c == '/' && At(text, i + 1) == '/'))
            {
                int end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end - 1;
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
                    text,
                    i,
                    where,
                    "'$' stands outside quotes, and substitutions (${...}) are not supported",
                    "Write the value out, or put it in quotes.");
            }
            else if (c == '\\')
            {
                return Error(text, i, where, "a backslash stands outside quotes", "Put the text in quotes.");
            }
            else if (OnlyInQuotes.Contains(c, StringComparison.Ordinal))
            {
                return Error(text, i, where, $"'{c}' stands outside quotes", "Put the text in quotes.");
            }
            else if (c is '{' or '[')
            {
                char outer = open.TryPeek(out (char Bracket, int At) around) ? around.Bracket : '\0';
                if (ProblemOfOpening(text, i, outer) is (string problem, string mend))
                    return Error(text, i, where, problem, mend);
                if (open.Count == MaxDepth)
                {
                    return Error(
                        text, i, where, $"is nested more than {MaxDepth} levels deep", "No setting needs that.");
                }

                open.Push((c, i));
                if (c == '{')
                    (keyAt, hasValue) = (-1, false);
            }
            else if (c is '}' or ']')
            {
                if (!open.TryPop(out (char Bracket, int At) opened) || opened.Bracket != (c == '}' ? '{' : '['))
                    return Error(text, i, where, $"'{c}' closes nothing", "Take it out or open what it closes.");
            }
            else if ((c is '=' or ':') && open.TryPeek(out (char Bracket, int At) inside) && inside.Bracket == '[')
            {
                return Error(
                    text,
                    i,
                    where,
                    $"'{c}' stands in a list",
                    "Put the text in quotes, or a key and its value in braces.");
            }
            else if (StartsInclude(text, i))
            {
                return Error(text, i, where, "\"include\" is not supported", "Write the settings into this file.");
            }
            else if (char.IsControl(c) && c is not ('\t' or '\r' or '\n'))
            {
                return Error(
                    text, i, where, $"has a control character (U+{(int)c:X4})", "Save it as plain text in UTF-8.");
            }
        }

        if (!open.TryPop(out (char Bracket, int At) left))
            return null;
        string close = left.Bracket == '{' ? "Add a '}'." : "Add a ']'.";
        return Error(text, left.At, where, $"'{left.Bracket}' is never closed", close);
    }

    private static bool IsInList(Stack<(char Bracket, int At)> open) =>
        open.Count > 1 && open.First().Bracket == '{' && open.ElementAt(1).Bracket == '[';

    // What is wrong with a bracket that opens at an offset inside of another bracket; null when nothing is.
    private static (string Problem, string Mend)? ProblemOfOpening(string text, int at, char outer)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, at).TrimEnd(" \t");
        if (outer == '[' && before is not [.., '[' or ',' or '\n'])
            return ($"'{text[at]}' follows other text in a list", "Put a comma between them, or the text in quotes.");
        if (text[at] == '[' && outer != '[' && before is not ([] or [.., '=' or ':']))
            return ("'[' follows other text", "Put the text in quotes, or a '=' before the list.");
        if (text[at] == '{' && outer == '{' && before.TrimEnd() is [.., '{' or ','])
            return ("'{' stands where a key would", "Put a key and a '=' before it, or take it out.");
        return null;
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

    // The directive stands in the place of a key, with the name of a file after it. A key named "include" has a '=',
    // ':', '{' or '+' after it.
    private static bool StartsInclude(string text, int i)
    {
        const string word = "include";
        if (string.CompareOrdinal(text, i, word, 0, word.Length) != 0)
            return false;
        ReadOnlySpan<char> before = text.AsSpan(0, i).TrimEnd(" \t");
        ReadOnlySpan<char> after = text.AsSpan(i + word.Length);
        bool isAtKey = before is [] or [.., '\n' or '\r' or '{' or ',' or '}'];
        return isAtKey
            && after is [' ' or '\t' or '"', ..]
            && after.TrimStart(" \t") is not ['=' or ':' or '{' or '+', ..];
    }

    private static InputError Error(string text, int at, string where, string problem, string mend)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, at);
        string place = $"line {before.Count('\n') + 1}, column {at - before.LastIndexOf('\n')}";
        return new InputError(where, place, problem, mend);
    }
}
