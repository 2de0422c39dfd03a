using BundleCopier.Model;
using Microsoft.Win32.SafeHandles;

namespace BundleCopier.Native;

/// <summary>
/// What the kernel does with cores (kernel.core_pattern in core(5)), and the file that keeps what was there before. The
/// old value is on the disk before the new one counts, so it is never lost.
/// </summary>
/// <param name="patternPath">The kernel's file.</param>
/// <param name="savedPath">The file for the old value.</param>
internal sealed class CorePatternFile(string patternPath, string savedPath)
{
    public const string KernelPath = "/proc/sys/kernel/core_pattern";

    /// <summary>What the kernel has when nothing has set it.</summary>
    public const string KernelDefault = "core";

    /// <summary>The longest pattern (CORENAME_MAX_SIZE, with the NUL at its end).</summary>
    public const int MaxBytes = 127;

    /// <summary>What is set now.</summary>
    public IoResult<string> Read() =>
        InputFileOpener.ReadLines(patternPath).Try(out IReadOnlyList<string>? lines, out Errno error)
            ? IoResult<string>.Ok(lines.Count == 0 ? "" : lines[0])
            : IoResult<string>.Failed(error);

    /// <summary>Sets a pattern, and keeps the old one.</summary>
    /// <returns>What was there, or why nothing has changed, as the rest of a sentence.</returns>
    public Result<string, string> Install(string pattern)
    {
        if (!Read().Try(out string? old, out Errno error))
            return Result<string, string>.Failed($"{patternPath} cannot be read: {error.Name}");
        if (old == pattern)
            return Result<string, string>.Ok(old);
        if (Save(old) is { } notSaved)
        {
            return Result<string, string>.Failed(
                $"{savedPath} cannot be written, so {patternPath} stays as it is: {notSaved}");
        }

        return Write(pattern) is { } problem
            ? Result<string, string>.Failed(problem)
            : Result<string, string>.Ok(old);
    }

    /// <summary>Puts back what was there before <see cref="Install"/>.</summary>
    /// <param name="pattern">What was installed.</param>
    /// <returns>What is there now, or why nothing has changed.</returns>
    public Result<string, string> Uninstall(string pattern)
    {
        if (!Read().Try(out string? now, out Errno error))
            return Result<string, string>.Failed($"{patternPath} cannot be read: {error.Name}");
        if (now != pattern)
        {
            // Another program has set it since. What it has set counts.
            Forget();
            return Result<string, string>.Ok(now);
        }

        IReadOnlyList<string> saved = InputFileOpener.ReadLines(savedPath).Value ?? [];
        string old = saved.Count > 0 ? saved[0] : KernelDefault;
        if (Write(old) is { } problem)
            return Result<string, string>.Failed(problem);
        Forget();
        return Result<string, string>.Ok(old);
    }

    // Its directory may be missing, too.
    private void Forget()
    {
        if (File.Exists(savedPath))
            File.Delete(savedPath);
    }

    private string? Write(string pattern)
    {
        try
        {
            File.WriteAllText(patternPath, pattern + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{patternPath} cannot be written: {Why(error)}";
        }

        // The kernel cuts off what is too long.
        return Read().Value == pattern ? null : $"{patternPath} did not take \"{pattern}\"";
    }

    private string? Save(string old)
    {
        string written = savedPath + ".new";
        try
        {
            Directory.CreateDirectory(PathText.Parent(savedPath));
            using (SafeFileHandle file = File.OpenHandle(written, FileMode.Create, FileAccess.Write))
            {
                RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(old + "\n"), 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(written, savedPath, overwrite: true);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Why(error);
        }
    }

    private static string Why(Exception error)
    {
        Errno number = RuntimeFailure.Of(error);
        return number.Name + RuntimeFailure.RootMend(number);
    }
}
