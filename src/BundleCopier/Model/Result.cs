using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Model;

/// <summary>
/// The result of an operation that gives a value: the value, or the reason why there is none. A value that must be
/// disposed belongs to the caller.
/// </summary>
internal readonly struct Result<T, TProblem>
    where TProblem : class
{
    private readonly T? value;
    private readonly TProblem? problem;

    private Result(T? value, TProblem? problem)
    {
        this.value = value;
        this.problem = problem;
    }

    public static Result<T, TProblem> Ok(T value) => new(value, null);

    public static Result<T, TProblem> Failed(TProblem problem) => new(default, problem);

    /// <summary>True with the value; false with the reason.</summary>
    public bool Try([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out TProblem? problem)
    {
        value = this.value;
        problem = this.problem;
        return problem is null;
    }

    public static implicit operator Result<T, TProblem>(T value) => Ok(value);

    public static implicit operator Result<T, TProblem>(TProblem problem) => Failed(problem);
}
