using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Native;

/// <summary>
/// The result of system calls that return a number or nothing: the number, or the error. Where the error came after a
/// part of the work, the number is what was done before it.
/// </summary>
internal readonly record struct IoResult(long Value, Errno Error)
{
    public static IoResult Done => default;

    public bool IsOk => !Error.IsError;

    public static IoResult Ok(long value) => new(value, Errno.None);

    public static IoResult Failed(int errno) => new(-1, new Errno(errno));

    public static IoResult Failed(Errno error) => new(-1, error);
}

/// <summary>
/// The result of system calls that give a value: the value, or the error. A value that must be disposed belongs to the
/// caller.
/// </summary>
internal readonly struct IoResult<T>
{
    private IoResult(T? value, Errno error)
    {
        Value = value;
        Error = error;
    }

    public T? Value { get; }

    public Errno Error { get; }

    public static IoResult<T> Ok(T value) => new(value, Errno.None);

    public static IoResult<T> Failed(int errno) => new(default, new Errno(errno));

    public static IoResult<T> Failed(Errno error) => new(default, error);

    /// <summary>True with the value; false with the error.</summary>
    public bool Try([MaybeNullWhen(false)] out T value, out Errno error)
    {
        value = Value;
        error = Error;
        return !error.IsError;
    }
}
