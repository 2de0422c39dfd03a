using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Restore;

/// <summary>A value, owned by the caller, or the reason why there is none.</summary>
internal readonly struct Result<T, TProblem>
    where T : class
    where TProblem : class
{
    private Result(T? value, TProblem? problem)
    {
        Value = value;
        Problem = problem;
    }

    private T? Value { get; }

    private TProblem? Problem { get; }

    public static Result<T, TProblem> Ok(T value) => new(value, null);

    public static Result<T, TProblem> Failed(TProblem problem) => new(null, problem);

    /// <summary>True with the value; false with the reason.</summary>
    public bool Try([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out TProblem? problem)
    {
        value = Value;
        problem = Problem;
        return value is not null;
    }
}
