namespace BundleCopier;

/// <summary>What an engine does at a moment.</summary>
/// <param name="BudgetBytes">The most that its copies may take together; null where there is no such limit.</param>
/// <param name="UsedBytes">
/// The budgets of the copies that run, and of those that have ended while a system call hangs that may still use their
/// memory.
/// </param>
/// <param name="Running">The copies that run.</param>
/// <param name="Waiting">The copies that wait, in the order in which they will begin.</param>
/// <param name="IsArmed">The memory of the copies was taken at the start, and their threads sleep.</param>
/// <param name="IsMemoryLocked">The memory of the process was locked then.</param>
public sealed record EngineState(
    long? BudgetBytes,
    long UsedBytes,
    int Running,
    IReadOnlyList<WaitingCopy> Waiting,
    bool IsArmed,
    bool IsMemoryLocked);
