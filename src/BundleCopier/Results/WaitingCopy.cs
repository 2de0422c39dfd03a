namespace BundleCopier;

/// <summary>A copy that waits for other copies of its engine.</summary>
/// <param name="Bundle">The name of its bundle.</param>
/// <param name="Priority">The highest priority of its files; a copy with a higher one begins earlier.</param>
/// <param name="BudgetBytes">What it will take of the engine's budget.</param>
/// <param name="Waited">How long it has waited so far.</param>
public sealed record WaitingCopy(string Bundle, int Priority, long BudgetBytes, TimeSpan Waited);
