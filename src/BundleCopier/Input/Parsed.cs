using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Input;

/// <summary>What came of reading an input: a valid value, or the one error that says why there is none. Exceptions are for bugs only.</summary>
/// <typeparam name="T">The domain object that was read.</typeparam>
public sealed class Parsed<T>
    where T : notnull
{
    private Parsed(T? value, InputError? error)
    {
        Value = value;
        Error = error;
    }

    /// <summary>True when there is a value, false when there is an error.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Error is null;

    /// <summary>The value; meaningful only when <see cref="IsOk"/> is true.</summary>
    public T? Value { get; }

    /// <summary>The error; null when <see cref="IsOk"/> is true.</summary>
    public InputError? Error { get; }

    /// <summary>A value that was read without error.</summary>
    public static implicit operator Parsed<T>(T value) => new(value, null);

    /// <summary>An error instead of a value.</summary>
    public static implicit operator Parsed<T>(InputError error) => new(default, error);

    /// <summary>The value in text form, or the error's sentence.</summary>
    public override string ToString() => IsOk ? $"{Value}" : Error.ToString();
}
