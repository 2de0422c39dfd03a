using BundleCopier.Input;

namespace BundleCopier.Settings;

/// <summary>The settings of an engine: what all of its copies have together.</summary>
public sealed record EngineSettings
{
    /// <summary>The largest number of copies that run at the same time.</summary>
    public const int MaxCopies = 64;

    /// <summary>
    /// The most data in flight of all copies together, in bytes, at least the budget of one copy; null for no limit but
    /// that of <see cref="MaxConcurrentCopies"/>. A copy waits until its own budget is free.
    /// </summary>
    public long? BudgetBytes { get; init; }

    /// <summary>The most copies that run at the same time, 1 to <see cref="MaxCopies"/>; others wait.</summary>
    public int MaxConcurrentCopies { get; init; } = 4;

    /// <summary>
    /// Whether the memory of the copies is taken when the engine starts, and not when a copy does. With
    /// <see cref="CopySettings.MemoryLock"/>, it is also locked then.
    /// </summary>
    public bool IsArmed { get; init; }

    /// <summary>The first setting that is out of its limits; null when all are within.</summary>
    /// <param name="where">What the error message calls these settings, such as a file name.</param>
    public InputError? Problem(string where) =>
        MaxConcurrentCopies is < 1 or > MaxCopies
            ? OutOfRange(where, SettingKeys.EngineMaxConcurrentCopies, $"{MaxConcurrentCopies}", CopiesMend)
        : BudgetBytes < CopySettings.MinBudgetBytes
            ? OutOfRange(where, SettingKeys.EngineBudget, ByteSize.ToSetting(BudgetBytes.Value), BudgetMend)
        : null;

    internal static string CopiesMend => $"Give a whole number from 1 to {MaxCopies}.";

    internal static string BudgetMend =>
        $"Give auto, or a size of at least {ByteSize.ToSetting(CopySettings.MinBudgetBytes)}.";

    /// <summary>Whether a copy can ever run; null when it can.</summary>
    internal InputError? ProblemOf(CopySettings copy, string where) => copy.BudgetBytes > BudgetBytes
        ? new InputError(
            where,
            SettingKeys.Full(SettingKeys.Budget),
            $"{ByteSize.ToSetting(copy.BudgetBytes)} is more than {SettingKeys.Full(SettingKeys.EngineBudget)} "
                + $"({ByteSize.ToSetting(BudgetBytes.Value)}), which all copies have together",
            "Lower the one or raise the other.")
        : null;

    /// <summary>The most copies that can run at the same time.</summary>
    internal int CopiesAtOnce(CopySettings copy) => BudgetBytes is { } all
        ? (int)Math.Clamp(all / copy.BudgetBytes, 1, MaxConcurrentCopies)
        : MaxConcurrentCopies;

    private static InputError OutOfRange(string where, string key, string value, string mend) =>
        new(where, SettingKeys.Full(key), $"{value} is out of range", mend);
}
