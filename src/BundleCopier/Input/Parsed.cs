using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Input;

/// <summary>The result of reading input: a valid value, or one error. Exceptions are for bugs only.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
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

    /// <summary>The value; valid only when <see cref="IsOk"/> is true.</summary>
    public T? Value { get; }

    /// <summary>The error; null when <see cref="IsOk"/> is true.</summary>
    public InputError? Error { get; }

    /// <summary>The result for a valid value.</summary>
    public static implicit operator Parsed<T>(T value) => new(value, null);

    /// <summary>The result for an error.</summary>
    public static implicit operator Parsed<T>(InputError error) => new(default, error);

    /// <summary>The value as text, or the error's message.</summary>
    public override string ToString() => IsOk ? $"{Value}" : Error.ToString();
}
