using BundleCopier.Input;
using BundleCopier.Model;

namespace BundleCopier.Cli;

/// <summary>
/// Writes an error to standard output, as one JSON object on a line: what a program that reads the output of
/// <c>--json</c> gets instead of a receipt.
/// </summary>
internal static class ErrorLine
{
    /// <summary>An error of an input.</summary>
    public static void Write(InputError error) => CleanupLines.WriteLine(new(), "error", writer =>
    {
        writer.WriteNumber("exitCode", ExitCode.Invalid);
        writer.WriteString("message", NameEscape.InText(error.ToString()));
        writer.WriteString("where", NameEscape.InText(error.Where));
        if (error.Field.Length > 0)
            writer.WriteString("field", NameEscape.InText(error.Field));
        writer.WriteString("problem", NameEscape.InText(error.Problem));
        writer.WriteString("mend", NameEscape.InText(error.Mend));
    });

    /// <summary>Another error.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="code">The errno's name; empty where no system call failed.</param>
    /// <param name="path">The bundle that it is about; null where it is about none, or the only one.</param>
    public static void Write(int exitCode, string message, string code = "", string? path = null) =>
        CleanupLines.WriteLine(new(), "error", writer =>
        {
            if (path is not null)
                JsonNames.Write(writer, ("path", path));
            writer.WriteNumber("exitCode", exitCode);
            if (code.Length > 0)
                writer.WriteString("code", code);
            writer.WriteString("message", NameEscape.InText(message));
        });
}
