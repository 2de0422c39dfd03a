using BundleCopier.Input;
using BundleCopier.Native;

namespace BundleCopier.Restore;

/// <summary>Why a bundle cannot be read back.</summary>
internal abstract record BundleProblem
{
    private BundleProblem()
    {
    }

    /// <summary>There is no bundle.</summary>
    public sealed record NoBundle(string Message) : BundleProblem;

    /// <summary>There is a receipt, but it is damaged or cannot be read.</summary>
    public sealed record ReceiptDamaged(InputError Error) : BundleProblem;

    /// <summary>There is not enough memory.</summary>
    public sealed record NoMemory(string Message) : BundleProblem;

    public static NoMemory OutOfMemory(Errno error) => new(
        $"There is not enough memory to read a bundle back ({error.Name}). "
        + "Free some, or raise the limits (ulimit -d, -v; MemoryMax=).");
}
